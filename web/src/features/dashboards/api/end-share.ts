import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { dashboardKeys } from '../keys.ts'
import { dashboardPath } from './get-dashboard.ts'

/** Invalidates the links of the dashboard, also when somebody else ended it first. */
export function useEndShare(id: string) {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (share: string) =>
      api.json<{ ok: boolean }>(`${dashboardPath(id)}/shares/${encodeURIComponent(share)}`, {
        method: 'DELETE',
      }),
    onSettled: () => client.invalidateQueries({ queryKey: dashboardKeys.shares(api.place, id) }),
  })
}
