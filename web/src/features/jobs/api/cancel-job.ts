import type { JobBody } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { jobKeys } from '@/lib/catalog/keys.ts'

export function useCancelJob() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) =>
      api.json<JobBody>(`/v0/jobs/${encodeURIComponent(id)}/cancel`, { method: 'POST' }),
    onSettled: () => client.invalidateQueries({ queryKey: jobKeys.all(api.place) }),
  })
}
