import type { DocumentSummary } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { dashboardKeys } from '../keys.ts'

const dashboardsQuery = (api: Api) =>
  queryOptions({
    queryKey: dashboardKeys.list(api.place),
    queryFn: async ({ signal }) => {
      const answer = await api.json<{ documents: DocumentSummary[] }>('/v0/console/dashboards', {
        signal,
      })
      return answer.documents
    },
  })

export const useDashboards = () => useQuery(dashboardsQuery(useApi()))
