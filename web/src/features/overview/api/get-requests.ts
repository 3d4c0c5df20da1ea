// Requests to endpoints and to the Query API, as the server noted them.
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { overviewKeys } from './keys.ts'
import { fillBuckets, LIVE_MS, type RangeId, RANGES } from './ranges.ts'

/** Durations are in seconds; null where nothing was asked. */
interface RequestsBucket {
  at: number
  requests: number
  errors: number
  p50: number | null
  p95: number | null
}

export interface PipeRequests {
  pipe_name: string
  requests: number
  errors: number
  p50: number
  p95: number
}

export interface RequestsPulse {
  buckets: RequestsBucket[]
  total: { last_minute: number; requests: number; errors: number } & Record<
    'p50' | 'p95',
    number | null
  >
  /** The slowest first. */
  pipes: PipeRequests[]
}

const MEASURES =
  'count() AS requests, countIf(error = 1) AS errors, quantile(0.5)(duration) AS p50, quantile(0.95)(duration) AS p95'
const PIPES_MAX = 8

async function getRequests(api: Api, range: RangeId, signal: AbortSignal): Promise<RequestsPulse> {
  const { seconds, bucketSeconds } = RANGES[range]
  const from = `FROM tinybird.pipe_stats_rt WHERE start_datetime > now() - ${seconds}`
  const [lines, totals, pipes] = await Promise.all([
    api.sql<RequestsBucket>(
      `SELECT toUnixTimestamp(toStartOfInterval(start_datetime, INTERVAL ${bucketSeconds} SECOND)) AS at, ${MEASURES} ${from} GROUP BY at ORDER BY at`,
      signal,
    ),
    api.sql<RequestsPulse['total']>(
      `SELECT countIf(start_datetime > now() - 60) AS last_minute, ${MEASURES} ${from}`,
      signal,
    ),
    api.sql<PipeRequests>(
      `SELECT pipe_name, ${MEASURES} ${from} GROUP BY pipe_name ORDER BY p95 DESC LIMIT ${PIPES_MAX}`,
      signal,
    ),
  ])
  const nothing = { requests: 0, errors: 0, p50: null, p95: null }
  return {
    buckets: fillBuckets(lines.data, range, Date.now(), (at) => ({ at, ...nothing })),
    total: totals.data[0] ?? { last_minute: 0, ...nothing },
    pipes: pipes.data,
  }
}

const requestsQuery = (api: Api, range: RangeId) =>
  queryOptions({
    queryKey: overviewKeys.requests(api.place, range),
    queryFn: ({ signal }) => getRequests(api, range, signal),
    refetchInterval: LIVE_MS,
  })

export const useRequests = (range: RangeId) => useQuery(requestsQuery(useApi(), range))
