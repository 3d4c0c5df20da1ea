import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { catalogKeys } from '@/lib/catalog/keys.ts'

import type { DependencyGraph } from '../lineage.ts'

/** What reads and fills what, as far as the token sees it. */
export function useDependencies() {
  const api = useApi()
  return useQuery({
    queryKey: [...catalogKeys.all(api.place), 'dependencies'],
    queryFn: ({ signal }) => api.json<DependencyGraph>('/v0/dependencies', { signal }),
  })
}
