// Which view is repaired next. Views take turns; one that still fails waits longer each time, and its later batches get their try too.
import type { MissingKey } from '@sandpiper/catalog'

/** What one view lacks of one data source, and how repairing it went so far. */
export interface Owing {
  readonly key: MissingKey
  readonly workspaceId: string
  /** Batches to try together. */
  take: number
  /** Only batches that begin above this sequence are tried now. */
  after: number
  failures: number
  dueMs: number
  /** Something was added since it was looked at. */
  hasNews: boolean
}

export interface RepairQueue {
  add(key: MissingKey, workspaceId: string): void
  wake(workspaceId: string): void
  /** The next that is due, as soon as there is one; null when stopped. */
  next(): Promise<Owing | null>
  /** Nothing is left above `after`. */
  passed(owing: Owing): void
  repaired(owing: Owing): void
  /** The view refused these batches. @param last the first sequence of the last of them. */
  stillFailing(owing: Owing, batches: number, last: number): void
  /** Something else failed. */
  failed(owing: Owing): void
  /** Somebody holds a turn: `wake` will tell when it ended. */
  held(owing: Owing): void
  stop(): void
}

const TAKE_MAX = 500
const PAUSE_MS = 1_000
const PAUSE_MS_MAX = 300_000
/** Batches that are tried one by one before the pause. */
const SINGLES_MAX = 3

/** @param now Unix milliseconds. */
export function createRepairQueue(now: () => number): RepairQueue {
  const waiting = new Map<string, Owing>()
  let isStopped = false
  let stir: () => void = () => undefined

  function again(owing: Owing, inMs: number): void {
    owing.dueMs = now() + inMs
    const name = nameOf(owing.key)
    // To the end of those that are due.
    waiting.delete(name)
    waiting.set(name, owing)
    stir()
  }

  async function next(): Promise<Owing | null> {
    for (;;) {
      if (isStopped) return null
      const soonest = soonestOf(waiting.values())
      const inMs = soonest === null ? Infinity : soonest.dueMs - now()
      if (soonest !== null && inMs <= 0) {
        soonest.hasNews = false
        return soonest
      }
      await new Promise<void>((resolve) => {
        const timer =
          inMs === Infinity ? undefined : setTimeout(resolve, Math.min(inMs, PAUSE_MS_MAX))
        stir = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  return {
    next,
    add(key, workspaceId) {
      const known = waiting.get(nameOf(key))
      if (known !== undefined) {
        known.hasNews = true
        return
      }
      const fresh = { key, workspaceId, take: TAKE_MAX, after: 0, failures: 0, dueMs: 0 }
      again({ ...fresh, hasNews: true }, PAUSE_MS)
    },
    wake(workspaceId) {
      for (const owing of waiting.values()) {
        if (owing.workspaceId !== workspaceId) continue
        Object.assign(owing, { take: TAKE_MAX, after: 0, failures: 0, dueMs: now() })
      }
      stir()
    },
    ...outcomes(waiting, again),
    stop() {
      isStopped = true
      stir()
    },
  }
}

type Outcomes = Pick<RepairQueue, 'passed' | 'repaired' | 'stillFailing' | 'failed' | 'held'>

/** What becomes of a view after it was looked at. */
function outcomes(
  waiting: Map<string, Owing>,
  again: (owing: Owing, inMs: number) => void,
): Outcomes {
  return {
    passed(owing) {
      if (owing.after === 0 && !owing.hasNews) {
        waiting.delete(nameOf(owing.key))
        return
      }
      owing.after = 0
      again(owing, owing.failures === 0 ? 0 : pauseMs(owing))
    },
    repaired(owing) {
      owing.take = Math.min(TAKE_MAX, owing.take * 2)
      again(owing, 0)
    },
    stillFailing(owing, batches, last) {
      if (batches > 1) {
        owing.take = 1
        again(owing, 0)
        return
      }
      owing.failures += 1
      owing.after = last
      again(owing, owing.failures % SINGLES_MAX === 0 ? pauseMs(owing) : 0)
    },
    failed(owing) {
      owing.failures += 1
      again(owing, pauseMs(owing))
    },
    held(owing) {
      again(owing, PAUSE_MS_MAX)
    },
  }
}

function pauseMs(owing: Owing): number {
  return Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** Math.min(owing.failures, 12))
}

function soonestOf(all: Iterable<Owing>): Owing | null {
  return [...all].reduce<Owing | null>(
    (best, each) => (best === null || each.dueMs < best.dueMs ? each : best),
    null,
  )
}

function nameOf({ view, dataSourceId }: MissingKey): string {
  return `${view} ${dataSourceId}`
}
