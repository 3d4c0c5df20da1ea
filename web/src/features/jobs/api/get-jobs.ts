import type { JobListBody } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'
import { isRunning } from '@/lib/catalog/get-job.ts'
import { jobKeys } from '@/lib/catalog/keys.ts'

/** The newest hundred jobs; asked for again sooner while one of them runs. */
const jobsQuery = (api: Api) =>
  queryOptions({
    queryKey: jobKeys.list(api.place),
    queryFn: async ({ signal }) => (await api.json<JobListBody>('/v0/jobs', { signal })).jobs,
    refetchInterval: ({ state }) => (state.data?.some(isRunning) === true ? 1000 : 5000),
  })

export const useJobs = () => useQuery(jobsQuery(useApi()))
