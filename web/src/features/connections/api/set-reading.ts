import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { connectionKeys } from '../keys.ts'

/** Pauses or resumes the reading of a topic. */
export function useSetReading() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ dataSource, state }: { dataSource: string; state: 'running' | 'paused' }) =>
      api.json(`/v0/datasources/${encodeURIComponent(dataSource)}/scheduling/state`, {
        method: 'PUT',
        query: { state },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: connectionKeys.all(api.place) }),
  })
}
