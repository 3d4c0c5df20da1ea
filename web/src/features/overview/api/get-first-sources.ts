import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { dataSourcesQuery } from '@/lib/catalog/get-data-sources.ts'

/** Data sources; asked for again and again while there are none, so that the first one shows by itself. */
export function useFirstSources() {
  return useQuery({
    ...dataSourcesQuery(useApi()),
    refetchInterval: ({ state }) => (state.data?.length === 0 ? 2000 : false),
  })
}
