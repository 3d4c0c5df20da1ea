import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'
import { quoteText } from '@/lib/sql-text.ts'

import { endpointKeys } from '../keys.ts'
import { rangeOf, type RangeId } from '../ranges.ts'

export interface SlowRequest {
  start_datetime: string
  request_id: string
  /** Seconds. */
  duration: number
  read_rows: number
  read_bytes: number
  token_name: string
  parameters: Record<string, string>
}

const slowRequestsQuery = (api: Api, pipe: string, range: RangeId) =>
  queryOptions({
    queryKey: endpointKeys.slow(api.place, pipe, range),
    queryFn: async ({ signal }) => {
      const { data } = await api.sql<SlowRequest>(
        `SELECT start_datetime, request_id, duration, read_rows, read_bytes, token_name, parameters
        FROM tinybird.pipe_stats_rt
        WHERE start_datetime > now() - ${rangeOf(range).seconds} AND pipe_name = ${quoteText(pipe)} AND error = 0
        ORDER BY duration DESC LIMIT 10`,
        signal,
      )
      return data
    },
  })

export const useSlowRequests = (pipe: string, range: RangeId) =>
  useQuery(slowRequestsQuery(useApi(), pipe, range))
