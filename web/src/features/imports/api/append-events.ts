import type { EventsBody } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

/** Sends events as any client does, and waits until they can be queried. */
export function useAppendEvents() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ name, lines }: { name: string; lines: readonly string[] }) =>
      api.json<EventsBody>('/v0/events', {
        method: 'POST',
        query: { name, wait: true },
        body: lines.join('\n'),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: [api.place] }),
  })
}
