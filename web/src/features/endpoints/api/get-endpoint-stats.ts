import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { endpointKeys } from '../keys.ts'
import { rangeOf, type RangeId } from '../ranges.ts'

export interface EndpointStats {
  pipe_name: string
  requests: number
  errors: number
  /** Seconds. */
  p50: number
  p95: number
}

const endpointStatsQuery = (api: Api, range: RangeId) =>
  queryOptions({
    queryKey: endpointKeys.stats(api.place, range),
    queryFn: async ({ signal }) => {
      const { data } = await api.sql<EndpointStats>(
        `SELECT pipe_name, count() AS requests, countIf(error = 1) AS errors,
          quantile(0.5)(duration) AS p50, quantile(0.95)(duration) AS p95
        FROM tinybird.pipe_stats_rt
        WHERE start_datetime > now() - ${rangeOf(range).seconds} AND pipe_name != 'query_api'
        GROUP BY pipe_name`,
        signal,
      )
      return new Map(data.map((each) => [each.pipe_name, each]))
    },
    refetchInterval: 15_000,
  })

export const useEndpointStats = (range: RangeId) => useQuery(endpointStatsQuery(useApi(), range))
