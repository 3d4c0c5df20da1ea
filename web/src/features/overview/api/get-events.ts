// Rows that arrived: what the writer noted of each batch that it loaded.
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { overviewKeys } from './keys.ts'
import { fillBuckets, LIVE_MS, type RangeId, RANGES } from './ranges.ts'

interface EventsBucket {
  at: number
  rows: number
  refused: number
}

export interface SourceEvents {
  datasource_name: string
  rows: number
  refused: number
  /** Time of the server. */
  newest: string
}

export interface EventsPulse {
  buckets: EventsBucket[]
  total: {
    last_minute: number
    rows: number
    refused: number
    /** Seconds since rows arrived last; null when none did in the range. */
    quiet_seconds: number | null
  }
  /** Most rows first. */
  sources: SourceEvents[]
}

const SOURCES_MAX = 8

async function getEvents(api: Api, range: RangeId, signal: AbortSignal): Promise<EventsPulse> {
  const { seconds, bucketSeconds } = RANGES[range]
  const from = `FROM tinybird.datasources_ops_log WHERE event_type = 'append-hfi' AND timestamp > now() - ${seconds}`
  // Named unlike the columns: an alias of an aggregate would stand for its own argument.
  const sums = 'sum(ifNull(l.rows, 0)) AS rows, sum(ifNull(l.rows_quarantine, 0)) AS refused'
  const of = from.replace('datasources_ops_log', 'datasources_ops_log AS l')
  const [lines, totals, sources] = await Promise.all([
    api.sql<EventsBucket>(
      `SELECT toUnixTimestamp(toStartOfInterval(timestamp, INTERVAL ${bucketSeconds} SECOND)) AS at, ${sums} ${of} GROUP BY at ORDER BY at`,
      signal,
    ),
    api.sql<EventsPulse['total']>(
      `SELECT sumIf(ifNull(l.rows, 0), timestamp > now() - 60) AS last_minute, ${sums}, if(count() = 0, NULL, greatest(0, dateDiff('second', max(timestamp), now()))) AS quiet_seconds ${of}`,
      signal,
    ),
    api.sql<SourceEvents>(
      `SELECT datasource_name, ${sums}, max(timestamp) AS newest ${of} GROUP BY datasource_name ORDER BY rows DESC LIMIT ${SOURCES_MAX}`,
      signal,
    ),
  ])
  return {
    buckets: fillBuckets(lines.data, range, Date.now(), (at) => ({ at, rows: 0, refused: 0 })),
    total: totals.data[0] ?? {
      ...{ last_minute: 0, rows: 0, refused: 0, quiet_seconds: null },
    },
    sources: sources.data,
  }
}

const eventsQuery = (api: Api, range: RangeId) =>
  queryOptions({
    queryKey: overviewKeys.events(api.place, range),
    queryFn: ({ signal }) => getEvents(api, range, signal),
    refetchInterval: LIVE_MS,
  })

export const useEvents = (range: RangeId) => useQuery(eventsQuery(useApi(), range))
