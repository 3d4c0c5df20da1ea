import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { pipeKeys } from '../keys.ts'

/** Names of what a query may call. They change with the server only. */
export function useFunctions() {
  const api = useApi()
  return useQuery({
    queryKey: pipeKeys.functions(api.place),
    staleTime: Infinity,
    queryFn: async ({ signal }) =>
      (await api.json<{ functions: string[] }>('/v0/console/functions', { signal })).functions,
  })
}
