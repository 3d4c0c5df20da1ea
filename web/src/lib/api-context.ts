import { createContext, useContext } from 'react'

import type { Api } from './api-client.ts'

export const ApiContext = createContext<Api | null>(null)

/** The client of the place that the address names. Only below the place's route. */
export function useApi(): Api {
  const api = useContext(ApiContext)
  if (api === null) throw new Error('useApi outside of a place')
  return api
}
