import type { DataSourceBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { overviewKeys } from './keys.ts'

export interface Storage {
  bytes: number
  rows: number
  data_sources: number
}

/** The engine counts its parts for each answer. */
const EVERY_MS = 30_000

/** What all data sources hold now. */
export function useStorage() {
  const api = useApi()
  return useQuery({
    queryKey: overviewKeys.storage(api.place),
    queryFn: async ({ signal }): Promise<Storage> => {
      const { datasources } = await api.json<{ datasources: Pick<DataSourceBody, 'statistics'>[] }>(
        '/v0/datasources',
        { query: { attrs: 'name,statistics' }, signal },
      )
      const sum = (member: 'bytes' | 'row_count'): number =>
        datasources.reduce((total, { statistics }) => total + statistics[member], 0)
      return { bytes: sum('bytes'), rows: sum('row_count'), data_sources: datasources.length }
    },
    refetchInterval: EVERY_MS,
  })
}
