import type { JobBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '../api-context.ts'
import { jobKeys } from './keys.ts'

/** Whether something of the job can still change. */
export function isRunning({ status }: JobBody): boolean {
  return ['waiting', 'working', 'cancelling'].includes(status)
}

/** A job with its log and its blocks, looked at until it is over. @param id undefined: none is asked for. */
export function useJob(id: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: jobKeys.one(api.place, id ?? ''),
    queryFn: ({ signal }) =>
      api.json<JobBody>(`/v0/jobs/${encodeURIComponent(id ?? '')}`, {
        query: { debug: 'blocks,block_log' },
        signal,
      }),
    enabled: id !== undefined,
    refetchInterval: ({ state }) =>
      state.data === undefined || isRunning(state.data) ? 500 : false,
  })
}
