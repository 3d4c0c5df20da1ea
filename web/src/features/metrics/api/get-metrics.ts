import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { parseMetrics } from '../parse-metrics.ts'

/** Numbers of the whole server; only for whoever rules it. */
export function useMetrics() {
  const api = useApi()
  return useQuery({
    queryKey: [api.place, 'metrics'],
    queryFn: async ({ signal }) => parseMetrics(await api.text('/metrics', { signal })),
    refetchInterval: 5000,
  })
}
