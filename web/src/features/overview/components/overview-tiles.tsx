import type { ConsoleOverview, JobBody } from '@sandpiper/contracts'

import { formatBytes, formatCount, formatPercent, formatSeconds } from '@/lib/format.ts'

import { type EventsPulse, useEvents } from '../api/get-events.ts'
import { useRecentJobs } from '../api/get-jobs.ts'
import { usePulse } from '../api/get-pulse.ts'
import { useQuarantine } from '../api/get-quarantine.ts'
import { type RequestsPulse, useRequests } from '../api/get-requests.ts'
import { useStorage } from '../api/get-storage.ts'
import { type RangeId, RANGES } from '../api/ranges.ts'
import { Tile, type TileFigures } from './tile.tsx'

export function OverviewTiles({ range }: { range: RangeId }) {
  const events = useEvents(range)
  const requests = useRequests(range)
  const pulse = usePulse()
  const within = RANGES[range].label.toLowerCase()
  const logs = (source: string) => ({ to: 'logs', search: { source, range } })
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Tile
        label="Events per second"
        {...logs('datasources_ops_log')}
        query={events}
        figures={(found) => eventsPerSecond(found, pulse.data)}
      />
      <Tile
        label="Requests per second"
        {...logs('pipe_stats_rt')}
        query={requests}
        figures={requestsPerSecond}
      />
      <Tile
        label={`Error rate, ${within}`}
        {...logs('endpoint_errors')}
        query={requests}
        figures={errorRate}
      />
      <Tile label={`p50 / p95, ${within}`} to="endpoints" query={requests} figures={latency} />
      <Tile
        label="Freshness"
        {...logs('block_log')}
        query={pulse}
        figures={(now) => freshness(now, events.data)}
      />
      <StandingTiles />
    </div>
  )
}

/** What does not depend on the range. */
function StandingTiles() {
  return (
    <>
      <Tile
        label="Storage"
        to="data-sources"
        query={useStorage()}
        figures={({ bytes, rows, data_sources }) => ({
          value: formatBytes(bytes),
          note: `${formatCount(rows)} rows in ${formatCount(data_sources)} data sources`,
        })}
      />
      <Tile
        label="Rows in quarantine"
        to="data-sources"
        query={useQuarantine()}
        figures={(found) => {
          const rows = found.reduce((sum, each) => sum + each.rows, 0)
          const note =
            rows === 0 ? 'None' : `in ${found.map((each) => each.datasource.name).join(', ')}`
          return { value: formatCount(rows), note, ...(rows > 0 ? { tone: 'warn' } : {}) }
        }}
      />
      <Tile label="Jobs" to="jobs" query={useRecentJobs()} figures={jobs} />
    </>
  )
}

function eventsPerSecond({ total, buckets }: EventsPulse, now?: ConsoleOverview): TileFigures {
  return {
    value: formatCount(now?.rows_per_second ?? total.last_minute / 60),
    note: `${formatCount(total.rows)} rows, ${formatCount(total.refused)} refused`,
    line: buckets.map(({ rows }) => rows),
  }
}

function requestsPerSecond({ total, buckets }: RequestsPulse): TileFigures {
  return {
    value: formatCount(total.last_minute / 60),
    note: `${formatCount(total.requests)} requests`,
    line: buckets.map(({ requests }) => requests),
  }
}

function errorRate({ total, buckets }: RequestsPulse): TileFigures {
  const ratio = total.requests === 0 ? 0 : total.errors / total.requests
  return {
    value: formatPercent(ratio),
    note: `${formatCount(total.errors)} of ${formatCount(total.requests)} failed`,
    ...(total.errors > 0 ? { tone: 'bad' } : {}),
    line: buckets.map(({ errors }) => errors),
  }
}

function latency({ total, buckets }: RequestsPulse): TileFigures {
  return {
    value:
      total.p50 === null || total.p95 === null || total.requests === 0
        ? '–'
        : `${roundSeconds(total.p50)} / ${roundSeconds(total.p95)}`,
    note: total.requests === 0 ? 'No requests' : 'half and 95 % are faster',
    line: buckets.map(({ p95 }) => p95),
  }
}

/** Two of them stand in one tile: without the digits that nobody compares. */
function roundSeconds(seconds: number): string {
  return formatSeconds(seconds > 0.01 ? Math.round(seconds * 1000) / 1000 : seconds)
}

/** How far queries are behind what was accepted. */
function freshness(
  { is_loading, oldest_unloaded_seconds: behind }: ConsoleOverview,
  events: EventsPulse | undefined,
): TileFigures {
  const quiet = events?.total.quiet_seconds ?? null
  const note = quiet === null ? 'No rows arrived lately' : `Newest rows ${formatSeconds(quiet)} ago`
  if (!is_loading) return { value: 'Waiting', note: 'Nothing is loaded now', tone: 'bad' }
  if (behind === 0) return { value: 'Up to date', note }
  const value = `${formatSeconds(behind)} behind`
  return behind < SLOW_SECONDS ? { value, note } : { value, note, tone: 'warn' }
}

/** Behind by more than this is worth a look. */
const SLOW_SECONDS = 30

function jobs(found: readonly JobBody[]): TileFigures {
  const count = (...states: string[]): number =>
    found.filter(({ status }) => states.includes(status)).length
  const failed = count('error')
  return {
    value: `${count('working', 'waiting', 'cancelling')} running`,
    note: failed === 0 ? 'None failed lately' : `${failed} failed lately`,
    ...(failed > 0 ? { tone: 'bad' } : {}),
  }
}
