import type { DashboardDocument } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { documentKeys } from '@/lib/catalog/keys.ts'

/** @returns with an id of the server's. Invalidates the list. */
export function useCreateDashboard() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    // From a file it may be anything: the server judges it.
    mutationFn: (content: unknown) =>
      api.json<DashboardDocument>('/v0/console/dashboards', { method: 'POST', json: { content } }),
    onSuccess: () => client.invalidateQueries({ queryKey: documentKeys.dashboards(api.place) }),
  })
}
