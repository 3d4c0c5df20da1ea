// How old the oldest event is that its tables lack, per data source: looked at a few times a second, so that appends cost nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLog } from '@sandpiper/eventlog'

/** A log whose data sources are watched. */
export interface LoadWatch {
  readonly log: EventLog
  /**
   * Seconds since the oldest event arrived that is not in every target; 0 when all are, as far as is known: within a tenth of a second, and
   * only of events since the start of the server.
   */
  oldestUnloadedSeconds(dataSourceId: string): number
}

/** Of one data source one append in so many milliseconds is followed. */
const SAMPLE_EVERY_MS = 100
/** Followed at once: of one data source, and data sources. */
const FOLLOWED_MAX = 1_000
const DATA_SOURCES_MAX = 10_000
/** Milliseconds after which the writer is asked again, once it was away. */
const AGAIN_MS = 1_000
const WAIT_MS_MAX = 600_000

interface Followed {
  readonly sequence: number
  readonly sinceMs: number
}

interface Watched {
  sampledMs: number
  /** Appends that were begun and are not durable yet. */
  open: number
  /** In the order of the log. */
  followed: Followed[]
  isFollowing: boolean
}

/** Wraps the log. @param monotonicMs milliseconds of a clock that never goes back. */
export function watchLoads(log: EventLog, monotonicMs: () => number): LoadWatch {
  const watched = new Map<string, Watched>()

  async function follow(dataSourceId: string, one: Watched): Promise<void> {
    one.isFollowing = true
    for (let first = one.followed[0]; first !== undefined; first = one.followed[0]) {
      const { sequence } = first
      if (await isLoaded(log, dataSourceId, sequence))
        one.followed = one.followed.filter((each) => each.sequence > sequence)
      else await sleep(AGAIN_MS, undefined, { ref: false })
    }
    one.isFollowing = false
    if (one.open === 0) watched.delete(dataSourceId)
  }

  async function sampled(
    frame: Parameters<EventLog['append']>[0],
    one: Watched,
    sinceMs: number,
  ): Promise<number> {
    one.sampledMs = sinceMs
    one.open += 1
    watched.set(frame.dataSourceId, one)
    try {
      const sequence = await log.append(frame)
      one.followed.push({ sequence, sinceMs })
      if (!one.isFollowing) void follow(frame.dataSourceId, one)
      return sequence
    } finally {
      one.open -= 1
      if (one.open === 0 && one.followed.length === 0) watched.delete(frame.dataSourceId)
    }
  }

  return {
    oldestUnloadedSeconds(dataSourceId) {
      const oldest = watched.get(dataSourceId)?.followed[0]
      return oldest === undefined ? 0 : (monotonicMs() - oldest.sinceMs) / 1_000
    },
    log: {
      ...log,
      append(frame) {
        const known = watched.get(frame.dataSourceId)
        const nowMs = monotonicMs()
        if (known === undefined) {
          if (watched.size >= DATA_SOURCES_MAX) return log.append(frame)
          const one: Watched = { sampledMs: nowMs, open: 0, followed: [], isFollowing: false }
          return sampled(frame, one, nowMs)
        }
        const isOften = nowMs - known.sampledMs < SAMPLE_EVERY_MS
        if (isOften || known.followed.length + known.open >= FOLLOWED_MAX) return log.append(frame)
        return sampled(frame, known, nowMs)
      },
    },
  }
}

async function isLoaded(log: EventLog, dataSourceId: string, sequence: number): Promise<boolean> {
  try {
    await log.loaded(dataSourceId, sequence, AbortSignal.timeout(WAIT_MS_MAX))
    return true
  } catch {
    // The writer is away, or the log is closing: the event is as old as it is.
    return false
  }
}
