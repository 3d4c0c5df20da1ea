import type { JobBody } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { isRunning } from './job-figures.ts'
import { jobKeys } from './keys.ts'

/** One job with its log and its blocks. */
const jobQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: jobKeys.one(api.place, id),
    queryFn: ({ signal }) =>
      api.json<JobBody>(`/v0/jobs/${encodeURIComponent(id)}`, {
        query: { debug: 'blocks,block_log' },
        signal,
      }),
    refetchInterval: ({ state }) =>
      state.data === undefined || isRunning(state.data) ? 1000 : false,
  })

export const useJob = (id: string) => useQuery(jobQuery(useApi(), id))
