import type { DashboardDocument } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { dashboardKeys } from '../keys.ts'

export const dashboardPath = (id: string): string =>
  `/v0/console/dashboards/${encodeURIComponent(id)}`

const dashboardQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: dashboardKeys.one(api.place, id),
    queryFn: ({ signal }) => api.json<DashboardDocument>(dashboardPath(id), { signal }),
    // What is being edited must not change below the hands.
    refetchOnWindowFocus: false,
  })

export const useDashboard = (id: string) => useQuery(dashboardQuery(useApi(), id))
