import type { JobListBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { overviewKeys } from './keys.ts'
import { LIVE_MS } from './ranges.ts'

export function useRecentJobs() {
  const api = useApi()
  return useQuery({
    queryKey: overviewKeys.jobs(api.place),
    queryFn: async ({ signal }) => (await api.json<JobListBody>('/v0/jobs', { signal })).jobs,
    refetchInterval: LIVE_MS,
  })
}
