import { useQuery, useQueryClient } from '@tanstack/react-query'

import type { Api } from '../api-client.ts'
import { isForbidden } from '../api-error.ts'
import { dataSourcesQuery } from './get-data-sources.ts'
import { pipesQuery } from './get-pipes.ts'
import { catalogKeys } from './keys.ts'

export interface Resource {
  kind: 'Data source' | 'Pipe' | 'Endpoint'
  name: string
  /** Below `/w/<place>/`. */
  path: string
}

/** Everything with a name and a page, for the command palette; what the token may not list is left out. */
export function useResources(api: Api) {
  const client = useQueryClient()
  return useQuery({
    queryKey: catalogKeys.resources(api.place),
    queryFn: async (): Promise<Resource[]> => {
      const [dataSources, pipes] = await Promise.all([
        client.query({ ...dataSourcesQuery(api), staleTime: 'static' }).catch(nothingIfForbidden),
        client.query({ ...pipesQuery(api), staleTime: 'static' }).catch(nothingIfForbidden),
      ])
      return [
        ...dataSources.map(({ name }) => ({
          kind: 'Data source' as const,
          name,
          path: `data-sources/${encodeURIComponent(name)}`,
        })),
        ...pipes.flatMap(({ name, endpoint }) => {
          const at = encodeURIComponent(name)
          const pipe: Resource = { kind: 'Pipe', name, path: `pipes/${at}` }
          const open: Resource = { kind: 'Endpoint', name, path: `endpoints/${at}` }
          return endpoint === null ? [pipe] : [pipe, open]
        }),
      ]
    },
  })
}

function nothingIfForbidden(err: unknown): never[] {
  if (isForbidden(err)) return []
  throw err
}
