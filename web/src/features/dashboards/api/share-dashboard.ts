import type { DashboardShareBody, DashboardShareInput } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { dashboardKeys } from '../keys.ts'
import { dashboardPath } from './get-dashboard.ts'

/** Makes a link, whose JWT is kept nowhere. Invalidates the links of the dashboard. */
export function useShareDashboard(id: string) {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (input: DashboardShareInput) =>
      api.json<DashboardShareBody>(`${dashboardPath(id)}/shares`, { method: 'POST', json: input }),
    onSuccess: () => client.invalidateQueries({ queryKey: dashboardKeys.shares(api.place, id) }),
  })
}
