import type { DashboardShareBody, DashboardShareInput } from '@sandpiper/contracts'
import { useMutation } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { dashboardPath } from './get-dashboard.ts'

/** Signs the JWT of a link. It is kept nowhere, so nothing goes stale. */
export function useShareDashboard(id: string) {
  const api = useApi()
  return useMutation({
    mutationFn: (input: DashboardShareInput) =>
      api.json<DashboardShareBody>(`${dashboardPath(id)}/shares`, { method: 'POST', json: input }),
  })
}
