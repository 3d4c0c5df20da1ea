import type { JobBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '../api-context.ts'

const OVER: readonly JobBody['status'][] = ['done', 'error', 'cancelled']

/** Whether nothing of the job will change any more. */
export function isOver({ status }: JobBody): boolean {
  return OVER.includes(status)
}

/** A job that this token was told of, looked at until it is over. */
export function useJob(id: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [api.place, 'job', id],
    queryFn: ({ signal }) =>
      api.json<JobBody>(`/v0/jobs/${encodeURIComponent(id ?? '')}`, { signal }),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data !== undefined && isOver(state.data) ? false : 500),
  })
}
