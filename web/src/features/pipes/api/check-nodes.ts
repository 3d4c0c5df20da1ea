import type { ConsoleCheckBody } from '@sandpiper/contracts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { type ParamValues, sentParams } from '@/lib/endpoints/call-endpoint.ts'

import { pipeKeys } from '../keys.ts'

export interface CheckInput {
  nodes: readonly { name: string; sql: string }[]
  params: ParamValues
}

/** Parameters, columns and problems of nodes; what was known before is shown until the answer is there. */
export function useNodeCheck(input: CheckInput | null) {
  const api = useApi()
  return useQuery({
    queryKey: pipeKeys.check(api.place, api.token, JSON.stringify(input)),
    enabled: input !== null && input.nodes.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      api.json<ConsoleCheckBody>('/v0/console/check', {
        method: 'POST',
        json: {
          nodes: (input?.nodes ?? []).map(({ name, sql }) => ({ name, sql })),
          parameters: sentParams(input?.params ?? {}),
        },
        signal,
      }),
  })
}
