import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'
import { quoteText } from '@/lib/sql-text.ts'

import { endpointKeys } from '../keys.ts'
import { rangeOf, type RangeId } from '../ranges.ts'

export interface FailedRequest {
  start_datetime: string
  request_id: string
  status_code: number
  error: string
  params: string
}

const failedRequestsQuery = (api: Api, pipe: string, range: RangeId) =>
  queryOptions({
    queryKey: endpointKeys.failed(api.place, pipe, range),
    queryFn: async ({ signal }) => {
      const { data } = await api.sql<FailedRequest>(
        `SELECT start_datetime, request_id, status_code, error, params
        FROM tinybird.endpoint_errors
        WHERE start_datetime > now() - ${rangeOf(range).seconds} AND pipe_name = ${quoteText(pipe)}
        ORDER BY start_datetime DESC LIMIT 20`,
        signal,
      )
      return data
    },
  })

export const useFailedRequests = (pipe: string, range: RangeId) =>
  useQuery(failedRequestsQuery(useApi(), pipe, range))
