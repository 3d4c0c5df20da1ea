import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { lineageKeys } from '../keys.ts'
import type { Loads, Rates, Requests } from '../lineage-graph.ts'

/** What went through the last day: rows into data sources, requests to endpoints. Needs the service data sources. */
const ratesQuery = (api: Api) =>
  queryOptions({
    queryKey: lineageKeys.rates(api.place),
    queryFn: async ({ signal }): Promise<Rates> => {
      const [loads, requests] = await Promise.all([
        api.sql<Loads>(
          `SELECT datasource_name AS name, event_type AS event, pipe_name AS pipe, sum(rows) AS rows,
            sum(rows_quarantine) AS quarantined, countIf(result = 'error') AS errors
          FROM tinybird.datasources_ops_log
          WHERE timestamp > now() - 86400 AND event_type IN ('append-hfi', 'append', 'replace', 'copy', 'quarantine-replay')
          GROUP BY name, event, pipe`,
          signal,
        ),
        api.sql<Requests>(
          `SELECT pipe_name AS name, count() AS requests, countIf(error = 1) AS errors, quantile(0.95)(duration) AS p95
          FROM tinybird.pipe_stats_rt WHERE start_datetime > now() - 86400 GROUP BY name`,
          signal,
        ),
      ])
      return { loads: loads.data, requests: requests.data }
    },
    refetchInterval: 30_000,
  })

export const useRates = () => useQuery(ratesQuery(useApi()))
