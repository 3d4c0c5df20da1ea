// How much of what waits becomes the next batch. Pure but for the time it is given.
// Promises: frames stay in order, one schema version per batch, no bound is passed except by a first frame that alone is larger.
import type { FrameRef } from '@sandpiper/eventlog'

/** Bounds of one batch. */
export interface BatchLimits {
  readonly rowsMax: number
  readonly bytesMax: number
  readonly framesMax: number
  /** Milliseconds the first frame may wait for company; 0 sends it at once. */
  readonly ageMaxMs: number
}

export const BATCH_LIMITS: BatchLimits = {
  rowsMax: 200_000,
  bytesMax: 64 * 1_048_576,
  framesMax: 20_000,
  ageMaxMs: 0,
}

/** What is known of the batch before. */
export interface LastBatch {
  readonly rows: number
  readonly frames: number
  readonly startedMs: number
  /** From its beginning until it was confirmed. */
  readonly tookMs: number
}

/** From so many rows a batch on, its data source is busy. */
const BUSY_ROWS = 200
/**
 * How far apart the batches of a data source begin at least: each costs about ten milliseconds of a processor and two dozen syncs,
 * which those of the log wait behind, however few rows it has.
 */
const QUIET_EVERY_MS = 50
const BUSY_EVERY_MS = 100
/**
 * From so many requests a batch on, answering them is what the machine is busy with: loads that take long, because they need the same
 * processors and the same disk, are fewer and larger then. Half of the time is for the others.
 */
const MANY_FRAMES = 500
const TIMES_WHAT_IT_TOOK = 2
const EVERY_MS_MAX = 300

/** Milliseconds a data source rests before its next batch; 0 after a longer silence, or when its last load took as long anyway. */
export function restMs(last: LastBatch | null, nowMs: number): number {
  if (last === null) return 0
  const leastMs = last.rows < BUSY_ROWS ? QUIET_EVERY_MS : BUSY_EVERY_MS
  const givenWayMs = last.frames < MANY_FRAMES ? 0 : TIMES_WHAT_IT_TOOK * last.tookMs
  const everyMs = Math.min(EVERY_MS_MAX, Math.max(leastMs, givenWayMs))
  // A clock that was set back must not hold rows for as long as it was set back.
  return Math.min(everyMs, Math.max(0, last.startedMs + everyMs - nowMs))
}

/** The leading frames that make one batch; empty only when nothing waits. */
export function takeBatch(waiting: readonly FrameRef[], limits: BatchLimits): FrameRef[] {
  const [first] = waiting
  if (first === undefined) return []
  let rows = 0
  let bytes = 0
  let count = 0
  for (const ref of waiting) {
    rows += ref.rowCount + ref.refusedCount
    bytes += ref.bytes
    const fits = rows <= limits.rowsMax && bytes <= limits.bytesMax && count < limits.framesMax
    if (count > 0 && (!fits || ref.schemaVersion !== first.schemaVersion)) break
    count += 1
  }
  return waiting.slice(0, count)
}

/** What waits in one queue, as far as the decision to send needs it. */
export interface Waiting {
  readonly frames: number
  readonly rows: number
  readonly bytes: number
  /** When the first frame was seen, in the clock's milliseconds. */
  readonly sinceMs: number
}

/** Milliseconds until a batch should be made of what waits: 0 when a bound is reached or the first frame is old enough. */
export function dueInMs(waiting: Waiting, limits: BatchLimits, nowMs: number): number {
  const full =
    waiting.frames >= limits.framesMax ||
    waiting.rows >= limits.rowsMax ||
    waiting.bytes >= limits.bytesMax
  const leftMs = waiting.sinceMs + limits.ageMaxMs - nowMs
  // A clock that was set back must not hold rows for as long as it was set back.
  return full ? 0 : Math.min(limits.ageMaxMs, Math.max(0, leftMs))
}
