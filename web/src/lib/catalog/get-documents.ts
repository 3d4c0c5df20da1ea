import type { DocumentSummary } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '../api-client.ts'
import { useApi } from '../api-context.ts'
import { documentKeys } from './keys.ts'

/** Dashboards of the workspace, by name. Shared: lineage and the command palette name them too. */
export const dashboardsQuery = (api: Api) =>
  queryOptions({
    queryKey: documentKeys.dashboards(api.place),
    queryFn: ({ signal }) => getDocuments(api, 'dashboards', signal),
  })

export const useDashboards = () => useQuery(dashboardsQuery(useApi()))

/** Saved queries of the workspace, by name. */
export const savedQueriesQuery = (api: Api) =>
  queryOptions({
    queryKey: documentKeys.savedQueries(api.place),
    queryFn: ({ signal }) => getDocuments(api, 'queries', signal),
  })

export const useSavedQueries = () => useQuery(savedQueriesQuery(useApi()))

async function getDocuments(
  api: Api,
  kind: 'dashboards' | 'queries',
  signal: AbortSignal,
): Promise<DocumentSummary[]> {
  const path = `/v0/console/${kind}`
  return (await api.json<{ documents: DocumentSummary[] }>(path, { signal })).documents
}
