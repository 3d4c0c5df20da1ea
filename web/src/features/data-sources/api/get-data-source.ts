import type { DataSourceBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { dataSourceKeys } from './keys.ts'

/** What the console shows of a data source beyond what all clients read. */
export type DataSourceDetail = DataSourceBody & {
  sorting_key: string
  partition_key: string
  primary_key: string
  ttl: string
  forward_query?: string
}

export function useDataSource(name: string) {
  const api = useApi()
  return useQuery({
    queryKey: dataSourceKeys.part(api.place, name, 'detail'),
    queryFn: ({ signal }) =>
      api.json<DataSourceDetail>(`/v0/datasources/${encodeURIComponent(name)}`, { signal }),
    refetchInterval: 15_000,
  })
}
