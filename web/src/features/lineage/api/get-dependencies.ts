import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { lineageKeys } from '../keys.ts'
import type { Dependencies } from '../lineage-graph.ts'

/** What reads and fills what in the live deployment, as far as the token sees it. */
const dependenciesQuery = (api: Api) =>
  queryOptions({
    queryKey: lineageKeys.dependencies(api.place),
    queryFn: ({ signal }) => api.json<Dependencies>('/v0/dependencies', { signal }),
  })

export const useDependencies = () => useQuery(dependenciesQuery(useApi()))
