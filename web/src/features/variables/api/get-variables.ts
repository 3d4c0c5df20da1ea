import type { VariableListBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { variableKeys } from './keys.ts'

/** Names of secrets; their values never leave the server. */
export function useVariables() {
  const api = useApi()
  return useQuery({
    queryKey: variableKeys.list(api.place),
    queryFn: async ({ signal }) =>
      (await api.json<VariableListBody>('/v0/variables', { signal })).variables,
  })
}
