import type { DashboardDocument } from '@sandpiper/contracts'
import { queryOptions, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'
import { isForbidden } from '@/lib/api-error.ts'
import { dashboardsQuery } from '@/lib/catalog/get-documents.ts'

import { lineageKeys } from '../keys.ts'
import type { DashboardPipes } from '../lineage-graph.ts'

/** More are not drawn: each is a request of its own. */
const DASHBOARDS_MAX = 50
const PATH = '/v0/console/dashboards'

/** Which endpoints each dashboard shows; none where the token may not list them. */
const dashboardPipesQuery = (api: Api, client: QueryClient) =>
  queryOptions({
    queryKey: lineageKeys.tiles(api.place),
    queryFn: async ({ signal }): Promise<DashboardPipes[]> => {
      const all = await client.query(dashboardsQuery(api)).catch((err: unknown) => {
        if (isForbidden(err)) return []
        throw err
      })
      const read = all
        .slice(0, DASHBOARDS_MAX)
        .map(({ id }) => api.json<DashboardDocument>(`${PATH}/${id}`, { signal }))
      return (await Promise.all(read)).map(({ id, name, content }) => ({
        ...{ id, name },
        pipes: content.tiles.flatMap(({ source }) => ('pipe' in source ? [source.pipe] : [])),
      }))
    },
    staleTime: 60_000,
  })

export const useDashboardPipes = () => useQuery(dashboardPipesQuery(useApi(), useQueryClient()))
