import type { DataSourceBody, DocumentSummary, PipeBody } from '@sandpiper/contracts'
import { useQueries } from '@tanstack/react-query'

import type { Api } from '../api-client.ts'
import { dataSourcesQuery } from './get-data-sources.ts'
import { dashboardsQuery, savedQueriesQuery } from './get-documents.ts'
import { pipesQuery } from './get-pipes.ts'

export interface Resource {
  kind: 'Data source' | 'Pipe' | 'Endpoint' | 'Dashboard' | 'Query'
  name: string
  /** Below `/w/<place>/`. */
  path: string
}

/** Everything with a name and a page, for the command palette, as it comes; what the token may not list is left out. */
export function useResources(api: Api): readonly Resource[] {
  const [dataSources, pipes, dashboards, queries] = useQueries({
    queries: [dataSourcesQuery(api), pipesQuery(api), dashboardsQuery(api), savedQueriesQuery(api)],
  })
  return [
    ...(dataSources.data ?? []).map(ofDataSource),
    ...(pipes.data ?? []).flatMap(ofPipe),
    ...(dashboards.data ?? []).map((each) => ofDocument('Dashboard', 'dashboards', each)),
    ...(queries.data ?? []).map((each) => ofDocument('Query', 'playground', each)),
  ]
}

function ofDataSource({ name }: DataSourceBody): Resource {
  return { kind: 'Data source', name, path: `data-sources/${encodeURIComponent(name)}` }
}

function ofPipe({ name, endpoint }: PipeBody): Resource[] {
  const at = encodeURIComponent(name)
  const pipe: Resource = { kind: 'Pipe', name, path: `pipes/${at}` }
  const open: Resource = { kind: 'Endpoint', name, path: `endpoints/${at}` }
  return endpoint === null ? [pipe] : [pipe, open]
}

function ofDocument(
  kind: 'Dashboard' | 'Query',
  area: string,
  { id, name }: DocumentSummary,
): Resource {
  return { kind, name, path: `${area}/${encodeURIComponent(id)}` }
}
