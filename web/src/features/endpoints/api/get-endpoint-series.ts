import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'
import { quoteText } from '@/lib/sql-text.ts'

import { endpointKeys } from '../keys.ts'
import { rangeOf, type RangeId } from '../ranges.ts'
import { fillSeries, type SeriesRow } from '../series.ts'

const endpointSeriesQuery = (api: Api, pipe: string, id: RangeId) =>
  queryOptions({
    queryKey: endpointKeys.series(api.place, pipe, id),
    queryFn: async ({ signal }) => {
      const range = rangeOf(id)
      const { data } = await api.sql<SeriesRow>(
        `SELECT toUInt32(intDiv(toUnixTimestamp(start_datetime), ${range.stepSeconds}) * ${range.stepSeconds}) AS at,
          count() AS requests, countIf(error = 1) AS errors,
          quantile(0.5)(duration) AS p50, quantile(0.95)(duration) AS p95
        FROM tinybird.pipe_stats_rt
        WHERE start_datetime > now() - ${range.seconds} AND pipe_name = ${quoteText(pipe)}
        GROUP BY at ORDER BY at`,
        signal,
      )
      return fillSeries(data, range, Date.now())
    },
    refetchInterval: 30_000,
  })

export const useEndpointSeries = (pipe: string, range: RangeId) =>
  useQuery(endpointSeriesQuery(useApi(), pipe, range))
