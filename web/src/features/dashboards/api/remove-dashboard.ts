import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { documentKeys } from '@/lib/catalog/keys.ts'

import { dashboardPath } from './get-dashboard.ts'

/** Invalidates everything of dashboards. */
export function useRemoveDashboard(id: string) {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => api.json<{ ok: boolean }>(dashboardPath(id), { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: documentKeys.dashboards(api.place) }),
  })
}
