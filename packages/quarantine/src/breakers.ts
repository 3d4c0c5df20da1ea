// Tells when far more rows of a data source than usual are invalid. Nothing is refused: rows are kept in the quarantine, somebody is told.
// In memory, of bounded size, by a clock that never goes back.
import type { BreakerBody } from '@sandpiper/contracts'
import type { Logger, OpsLog } from '@sandpiper/telemetry'
import { causeOf } from './cause.ts'

/** What breakers tell with. */
export interface BreakerDeps {
  readonly logger: Pick<Logger, 'warn' | 'info'>
  readonly ops: Pick<OpsLog, 'dataSourceOp'>
  /** Unix milliseconds. */
  readonly now: () => number
  /** Milliseconds that never go back. */
  readonly monotonicMs: () => number
}

/** What became of one request. */
export interface Judged {
  readonly workspaceId: string
  readonly dataSourceId: string
  readonly dataSourceName: string
  readonly rowCount: number
  readonly refusedCount: number
  /** The first few reasons. */
  readonly errors: readonly { readonly column: string; readonly message: string }[]
}

/** The breakers of all data sources that took rows lately. */
export interface Breakers {
  /** Called once per request, after its rows were judged. Costs a look-up; never throws. */
  observe(judged: Judged): void
  /** As it is now; closed for a data source that took nothing lately. */
  stateOf(dataSourceId: string): BreakerBody
  readonly counters: BreakerCounters
}

/** Counts since the start, and how many are open now. */
export interface BreakerCounters {
  opened: number
  closed: number
  open: number
}

/** The window is this many buckets of this many milliseconds: a minute. */
const BUCKETS = 6
const BUCKET_MS = 10_000
/** A breaker opens above this part of invalid rows, of at least so many rows, when the usual part was below the third number. */
const OPEN_ABOVE = 0.5
const OPEN_ROWS_MIN = 100
const USUAL_BELOW = 0.05
/** It closes when at most this part of the window is invalid, or nothing came for a minute. */
const CLOSE_BELOW = 0.1
/** What is usual forgets half of itself in some seven windows. */
const USUAL_DECAY = 0.985
/** Data sources watched; the one first heard of goes first. */
const WATCHED_MAX = 10_000
const CAUSES_MAX = 50

interface Watched {
  readonly of: Pick<Judged, 'workspaceId' | 'dataSourceId' | 'dataSourceName'>
  /** Number of the newest bucket. */
  tick: number
  readonly rows: number[]
  readonly invalid: number[]
  usualRows: number
  usualInvalid: number
  readonly causes: Map<string, number>
  isOpen: boolean
  since: string | null
}

/** Makes breakers, all closed. */
export function createBreakers(deps: BreakerDeps): Breakers {
  const watched = new Map<string, Watched>()
  const open = new Set<Watched>()
  const counters: BreakerCounters = { opened: 0, closed: 0, open: 0 }
  const tickNow = (): number => Math.floor(deps.monotonicMs() / BUCKET_MS)
  let sweptAt = tickNow()

  function set(one: Watched, isOpen: boolean): void {
    one.isOpen = isOpen
    one.since = new Date(deps.now()).toISOString()
    if (isOpen) open.add(one)
    else open.delete(one)
    counters[isOpen ? 'opened' : 'closed'] += 1
    counters.open = open.size
    tell(deps, one)
  }

  /** Breakers of data sources that took nothing since are closed by whoever comes next. */
  function sweep(tick: number): void {
    if (tick === sweptAt) return
    sweptAt = tick
    for (const one of open) {
      advance(one, tick)
      if (isCalm(one)) set(one, false)
    }
  }

  return {
    counters,
    observe(judged) {
      const tick = tickNow()
      sweep(tick)
      const one = watch(watched, judged, tick)
      advance(one, tick)
      one.rows[tick % BUCKETS] =
        (one.rows[tick % BUCKETS] ?? 0) + judged.rowCount + judged.refusedCount
      if (judged.refusedCount > 0) {
        one.invalid[tick % BUCKETS] = (one.invalid[tick % BUCKETS] ?? 0) + judged.refusedCount
        noteCauses(one, judged)
        if (!one.isOpen && isUnusual(one)) set(one, true)
      }
      if (one.isOpen && isCalm(one)) set(one, false)
    },
    stateOf(dataSourceId) {
      const tick = tickNow()
      sweep(tick)
      const one = watched.get(dataSourceId)
      if (one === undefined)
        return { state: 'closed', since: null, rows: 0, invalid_rows: 0, top_cause: null }
      advance(one, tick)
      return {
        state: one.isOpen ? 'open' : 'closed',
        since: one.since,
        rows: sum(one.rows),
        invalid_rows: sum(one.invalid),
        top_cause: sum(one.invalid) === 0 ? null : topCause(one),
      }
    },
  }
}

function watch(watched: Map<string, Watched>, judged: Judged, tick: number): Watched {
  const { workspaceId, dataSourceId, dataSourceName } = judged
  const known = watched.get(dataSourceId)
  if (known?.of.dataSourceName === dataSourceName) return known
  const one: Watched = known ?? {
    of: { workspaceId, dataSourceId, dataSourceName },
    tick,
    rows: new Array<number>(BUCKETS).fill(0),
    invalid: new Array<number>(BUCKETS).fill(0),
    ...{ usualRows: 0, usualInvalid: 0, causes: new Map(), isOpen: false, since: null },
  }
  if (watched.size >= WATCHED_MAX && known === undefined) {
    for (const each of watched.values()) {
      if (each.isOpen) continue
      watched.delete(each.of.dataSourceId)
      break
    }
  }
  watched.set(dataSourceId, one)
  return one
}

/** Moves the window on; what leaves it becomes part of what is usual, unless the breaker is open. */
function advance(one: Watched, tick: number): void {
  const steps = Math.min(tick - one.tick, BUCKETS)
  for (let step = 1; step <= steps; step += 1) {
    const index = (one.tick + step) % BUCKETS
    if (!one.isOpen) {
      one.usualRows = one.usualRows * USUAL_DECAY + (one.rows[index] ?? 0)
      one.usualInvalid = one.usualInvalid * USUAL_DECAY + (one.invalid[index] ?? 0)
    }
    one.rows[index] = 0
    one.invalid[index] = 0
  }
  if (tick > one.tick) one.tick = tick
  if (steps === BUCKETS) one.causes.clear()
}

function isUnusual(one: Watched): boolean {
  const rows = sum(one.rows)
  if (rows < OPEN_ROWS_MIN || sum(one.invalid) <= rows * OPEN_ABOVE) return false
  return one.usualInvalid <= one.usualRows * USUAL_BELOW
}

function isCalm(one: Watched): boolean {
  return sum(one.invalid) <= sum(one.rows) * CLOSE_BELOW
}

function noteCauses(one: Watched, { errors }: Judged): void {
  for (const { column, message } of errors) {
    const cause = column === '' ? causeOf(message) : `${column}: ${causeOf(message)}`
    const count = one.causes.get(cause)
    if (count !== undefined || one.causes.size < CAUSES_MAX) one.causes.set(cause, (count ?? 0) + 1)
  }
}

function topCause({ causes }: Watched): string | null {
  let top: string | null = null
  for (const [cause, count] of causes)
    if (top === null || count > (causes.get(top) ?? 0)) top = cause
  return top
}

function tell({ logger, ops }: BreakerDeps, one: Watched): void {
  const rows = sum(one.rows)
  const invalidRows = sum(one.invalid)
  const cause = topCause(one)
  const about = { ...one.of, rows, invalidRows, topCause: cause }
  const text = `${invalidRows} of ${rows} rows in the last minute were invalid`
  if (one.isOpen)
    logger.warn(about, 'far more rows than usual are invalid: they are kept in the quarantine')
  else logger.info(about, 'rows are valid again')
  ops.dataSourceOp({
    ...one.of,
    eventType: 'breaker',
    error: one.isOpen ? text : null,
    elapsedSeconds: 0,
    rows,
    rowsQuarantine: invalidRows,
    options: {
      state: one.isOpen ? 'open' : 'closed',
      ...(cause === null ? {} : { top_cause: cause }),
    },
  })
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

/** For processes and tests that watch nothing: always closed. */
export const NO_BREAKERS: Breakers = {
  observe: () => undefined,
  stateOf: () => ({ state: 'closed', since: null, rows: 0, invalid_rows: 0, top_cause: null }),
  counters: { opened: 0, closed: 0, open: 0 },
}
