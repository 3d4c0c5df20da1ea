import type { Dashboard, DashboardDocument } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { documentKeys } from '@/lib/catalog/keys.ts'
import { ApiError } from '@/lib/api-error.ts'

import { dashboardKeys } from '../keys.ts'
import { dashboardPath } from './get-dashboard.ts'

/** Saves over the revision that was read. Invalidates the list; the dashboard itself is what the answer says. */
export function useSaveDashboard(id: string) {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (change: { revision: number; content: Dashboard }) =>
      api.json<DashboardDocument>(dashboardPath(id), { method: 'PUT', json: change }),
    onSuccess: async (saved) => {
      client.setQueryData(dashboardKeys.one(api.place, id), saved)
      await client.invalidateQueries({ queryKey: documentKeys.dashboards(api.place) })
    },
  })
}

/** The revision that somebody else made meanwhile, or null when it failed for another reason. */
export function conflictingRevision(err: unknown): number | null {
  if (!(err instanceof ApiError) || err.status !== 409) return null
  const body = err.details.body as { current_revision?: unknown } | undefined
  return typeof body?.current_revision === 'number' ? body.current_revision : null
}
