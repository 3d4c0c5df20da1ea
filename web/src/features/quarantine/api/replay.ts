import type { HealRequest, JobBody } from '@sandpiper/contracts'
import { useMutation } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

/** Starts a job that brings rows in; it ends the same however often it is asked for. */
export function useReplay(name: string) {
  const api = useApi()
  return useMutation({
    mutationFn: async (request: HealRequest) =>
      (
        await api.json<{ job: JobBody }>(`/v1/quarantine/${encodeURIComponent(name)}/replay`, {
          method: 'POST',
          json: request,
        })
      ).job,
  })
}
