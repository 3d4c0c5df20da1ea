// Who may ask the engine now: a bounded number in all, fewer for one workspace, so that whatever one asks for, others find room. Those who
// wait are called by turns of their workspaces, not of their number; they wait for a bounded time in a bounded line.
import { fault } from '@sandpiper/faults'

import type { Leaving } from './deadline.ts'

/** Bounds of what may run and wait. */
export interface FairSlotsOptions {
  /** At work at once, of all keys. */
  readonly max: number
  /** At work at once, of one key. */
  readonly perKeyMax: number
  /** Waiting of one key. */
  readonly waitingPerKeyMax: number
  /** Waiting of all keys; default ten times that of one. */
  readonly waitingMax?: number
  /** Milliseconds that one waits. */
  readonly waitMs: number
}

/** What happened since the start, and now. */
export interface FairSlotsCounters {
  running: number
  waiting: number
  /** Had to wait. */
  waited: number
  /** Refused: the line was full, or the wait too long. */
  refused: number
}

/** Places that are shared fairly among keys. */
export interface FairSlots {
  /**
   * Resolves with the function that gives the place back (call it once or more).
   * @param waits `whatever`: a job that waits as long as it has to, also in a line that is full for others.
   * @throws fault `limit.rate` (429, with Retry-After) when the line is full or the wait too long, and when the signal aborts first.
   */
  take(key: string, signal: Leaving, waits?: 'whatever'): Promise<() => void>
  readonly counters: Readonly<FairSlotsCounters>
}

interface WaitBounds {
  readonly signal: Leaving
  /** null: as long as it takes. */
  readonly waitMs: number | null
}

interface Place {
  running: number
  /** First come, first served, within a key. */
  readonly line: Set<() => void>
}

/** Makes them; a key without anybody at work or waiting takes no memory. */
export function createFairSlots(options: FairSlotsOptions): FairSlots {
  const { max, perKeyMax, waitingPerKeyMax, waitMs } = options
  const waitingMax = options.waitingMax ?? 10 * waitingPerKeyMax
  // In order of their turns: whoever was served goes to the end.
  const places = new Map<string, Place>()
  const counters: FairSlotsCounters = { running: 0, waiting: 0, waited: 0, refused: 0 }

  function begin(key: string, place: Place): () => void {
    counters.running += 1
    place.running += 1
    let isGiven = false
    return () => {
      if (isGiven) return
      isGiven = true
      counters.running -= 1
      place.running -= 1
      tidy(places, key)
      callNext()
    }
  }

  function callNext(): void {
    for (const [key, place] of places) {
      if (counters.running >= max) return
      const next = place.line.values().next()
      if (next.done === true || place.running >= perKeyMax) continue
      places.delete(key)
      places.set(key, place)
      next.value()
      callNext()
      return
    }
  }

  function wait(key: string, place: Place, bounds: WaitBounds): Promise<() => void> {
    counters.waiting += 1
    counters.waited += 1
    const left = (): void => {
      counters.waiting -= 1
    }
    return inLine(
      place.line,
      { ...bounds, left },
      {
        turn: () => begin(key, place),
        end: () => {
          tidy(places, key)
          counters.refused += 1
        },
      },
    )
  }

  return {
    counters,
    async take(key, signal, waits) {
      const place = placeIn(places, key)
      const isFree = counters.running < max && place.running < perKeyMax
      if (isFree && place.line.size === 0 && !signal.aborted) return begin(key, place)
      const isFull = place.line.size >= waitingPerKeyMax || counters.waiting >= waitingMax
      if (signal.aborted || (isFull && waits !== 'whatever')) {
        tidy(places, key)
        counters.refused += 1
        throw tooMany()
      }
      return wait(key, place, { signal, waitMs: waits === 'whatever' ? null : waitMs })
    },
  }
}

function placeIn(places: Map<string, Place>, key: string): Place {
  const place = places.get(key) ?? { running: 0, line: new Set() }
  places.set(key, place)
  return place
}

function tidy(places: Map<string, Place>, key: string): void {
  const place = places.get(key)
  if (place?.running === 0 && place.line.size === 0) places.delete(key)
}

/** Waits for a turn; ends without one when the time has passed or the caller left. */
function inLine<Given>(
  line: Set<() => void>,
  bounds: WaitBounds & { readonly left: () => void },
  then: { readonly turn: () => Given; readonly end: () => void },
): Promise<Given> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      line.delete(onTurn)
      clearTimeout(timer)
      bounds.signal.removeEventListener('abort', onEnd)
      bounds.left()
    }
    const onEnd = (): void => {
      leave()
      then.end()
      reject(tooMany())
    }
    const onTurn = (): void => {
      leave()
      resolve(then.turn())
    }
    const timer = bounds.waitMs === null ? undefined : setTimeout(onEnd, bounds.waitMs)
    bounds.signal.addEventListener('abort', onEnd, { once: true })
    line.add(onTurn)
  })
}

function tooMany(): Error {
  return fault('limit.rate', {
    public: '[Error] Too many queries of this workspace are running. Try again in a second.',
    headers: { 'Retry-After': '1' },
  })
}
