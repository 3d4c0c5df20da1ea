import type { DashboardShareSummary } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { dashboardKeys } from '../keys.ts'
import { dashboardPath } from './get-dashboard.ts'

const sharesQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: dashboardKeys.shares(api.place, id),
    queryFn: async ({ signal }) => {
      const path = `${dashboardPath(id)}/shares`
      const answer = await api.json<{ shares: DashboardShareSummary[] }>(path, { signal })
      return answer.shares
    },
  })

/** Links that work now; those that are over are not among them. */
export const useShares = (id: string) => useQuery(sharesQuery(useApi(), id))
