import { useMutation } from '@tanstack/react-query'

import { createApi, type SqlResult } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'
import { callEndpoint, type ParamValues } from '@/lib/endpoints/call-endpoint.ts'
import { quoteName } from '@/lib/sql-text.ts'

import type { Right } from '../jwt-request.ts'

export interface Preview {
  token: string
  right: Right
  /** What the holder would send. */
  params: ParamValues
}

/** Asks as the JWT's holder: with the JWT and nothing else. */
export function usePreviewJwt() {
  const { place } = useApi()
  return useMutation({
    mutationFn: async ({ token, right, params }: Preview): Promise<SqlResult> => {
      const api = createApi(place, token)
      if (right.kind === 'data source')
        return api.sql(`SELECT * FROM ${quoteName(right.resource)} LIMIT 1000`)
      const { result } = await callEndpoint(api, { pipe: right.resource, params })
      return result ?? { meta: [], data: [], rows: 0, statistics: NONE }
    },
  })
}

const NONE = { elapsed: 0, rows_read: 0, bytes_read: 0 }
