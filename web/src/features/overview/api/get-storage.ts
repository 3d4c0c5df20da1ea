import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { overviewKeys } from './keys.ts'

export interface Storage {
  bytes: number
  rows: number
  data_sources: number
}

/** The server takes a snapshot a minute at most: asking more often tells nothing new. */
const EVERY_MS = 30_000

/** What all data sources hold, by the server's last snapshot. */
export function useStorage() {
  const api = useApi()
  return useQuery({
    queryKey: overviewKeys.storage(api.place),
    queryFn: async ({ signal }): Promise<Storage> => {
      const { data } = await api.sql<Storage>(
        'SELECT sum(s.bytes + s.bytes_quarantine) AS bytes, sum(s.rows) AS rows, count() AS data_sources FROM tinybird.datasources_storage AS s WHERE timestamp = (SELECT max(timestamp) FROM tinybird.datasources_storage)',
        signal,
      )
      return data[0] ?? { bytes: 0, rows: 0, data_sources: 0 }
    },
    refetchInterval: EVERY_MS,
  })
}
