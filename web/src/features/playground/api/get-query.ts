import type { QueryDocument } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { queryKeys } from '../keys.ts'

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
