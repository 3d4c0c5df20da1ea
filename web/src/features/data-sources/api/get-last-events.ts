import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { dataSourceKeys } from './keys.ts'

/** When rows last came into each data source, by its id: as the operations log of 30 days tells. */
export function useLastEvents() {
  const api = useApi()
  return useQuery({
    queryKey: dataSourceKeys.lastEvents(api.place),
    queryFn: async ({ signal }) => {
      const { data } = await api.sql<{ id: string; at: string }>(LAST_EVENTS, signal)
      return new Map(data.map(({ id, at }) => [id, at]))
    },
    refetchInterval: 15_000,
  })
}

const LAST_EVENTS = `SELECT datasource_id AS id, max(timestamp) AS at
FROM tinybird.datasources_ops_log
WHERE result = 'ok' AND ifNull(rows, 0) > 0
GROUP BY id
LIMIT 10000`
