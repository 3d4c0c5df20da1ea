import type { HealPreviewBody, HealRequest } from '@sandpiper/contracts'
import { useMutation } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

/** What a replay would recover. Changes nothing. */
export function usePreviewHealing(name: string) {
  const api = useApi()
  return useMutation({
    mutationFn: (request: HealRequest) =>
      api.json<HealPreviewBody>(`/v1/quarantine/${encodeURIComponent(name)}/preview`, {
        method: 'POST',
        json: request,
      }),
  })
}
