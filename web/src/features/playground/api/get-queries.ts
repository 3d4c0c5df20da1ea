import type { DocumentSummary, QueryDocument } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { queryKeys } from '../keys.ts'

/** Saved queries of the workspace, by name. */
export function useSavedQueries() {
  const api = useApi()
  return useQuery({
    queryKey: queryKeys.all(api.place),
    queryFn: async ({ signal }) =>
      (await api.json<{ documents: DocumentSummary[] }>('/v0/console/queries', { signal }))
        .documents,
  })
}

/** One saved query with its SQL. @param id null: none is asked for. */
export function useSavedQuery(id: string | null) {
  const api = useApi()
  return useQuery({
    queryKey: queryKeys.one(api.place, id ?? ''),
    enabled: id !== null,
    queryFn: ({ signal }) =>
      api.json<QueryDocument>(`/v0/console/queries/${encodeURIComponent(id ?? '')}`, { signal }),
  })
}
