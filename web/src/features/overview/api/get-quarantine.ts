import type { QuarantineListBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { overviewKeys } from './keys.ts'

/** Data sources with rows that were refused, or with an open breaker. */
export function useQuarantine() {
  const api = useApi()
  return useQuery({
    queryKey: overviewKeys.quarantine(api.place),
    queryFn: async ({ signal }) =>
      (await api.json<QuarantineListBody>('/v1/quarantine', { signal })).quarantine,
    refetchInterval: 10_000,
  })
}
