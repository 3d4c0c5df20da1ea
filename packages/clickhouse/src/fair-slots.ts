// Who may ask the engine now: a bounded number in all, fewer for one workspace, so that whatever one asks for, others find room. Those who
// wait are called by turns of their workspaces, not of their number; they wait for a bounded time in a bounded line. Heavy queries have
// fewer places than there are: as many as can end in time, so that small ones find theirs beside them.
import { fault } from '@sandpiper/faults'

import type { Leaving } from './deadline.ts'
import type { Pace, QueryWork, Running, Weight } from './query-pace.ts'

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
  /** How many heavy queries may be at work; default as many as any. */
  readonly pace?: Pace
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

/**
 * Gives a place back; the first call counts.
 * @param how `answered`: the engine has done its work. `sending`: so it has, but the answer is on its way and the place is still needed; call
 *   again when it is not. Nothing: it failed, or its caller left.
 */
export type GiveBack = (how?: 'answered' | 'sending') => void

/** Places that are shared fairly among keys. */
export interface FairSlots {
  /**
   * Resolves with the function that gives the place back.
   * @param work what kind of query it is for; `whatever`: a job that waits as long as it has to, also in a line that is full for others.
   * @throws fault `limit.rate` (429, with Retry-After) when the line is full or the wait too long, and when the signal aborts first.
   */
  take(key: string, signal: Leaving, work?: QueryWork | 'whatever'): Promise<GiveBack>
  readonly counters: Readonly<FairSlotsCounters>
}

interface Waiter {
  readonly key: string
  readonly work: QueryWork | null
  /** The order of coming, of all. */
  readonly number: number
  readonly turn: () => void
}

/** Those who wait, first come, first served among those of one weight: a small query passes by a heavy one of its workspace. */
type Lines = Readonly<Record<Weight, Set<Waiter>>>

interface Place {
  running: number
  /** Those of them whose weight counts. */
  readonly weighed: Set<Running>
  readonly lines: Lines
}

interface WaitBounds {
  readonly signal: Leaving
  /** null: as long as it takes. */
  readonly waitMs: number | null
}

/** Places that heavy and new queries leave to small ones, but for the first of a key. */
const LEFT_TO_LIGHT = 2
const WEIGHTS = ['light', 'new', 'heavy'] as const

/** Makes them; a key without anybody at work or waiting takes no memory. */
export function createFairSlots(options: FairSlotsOptions): FairSlots {
  const { max, perKeyMax, waitingPerKeyMax, waitMs, pace } = options
  const waitingMax = options.waitingMax ?? 10 * waitingPerKeyMax
  // In order of their turns: whoever was served goes to the end.
  const places = new Map<string, Place>()
  const weighed = new Set<Running>()
  const counters: FairSlotsCounters = { running: 0, waiting: 0, waited: 0, refused: 0 }
  let numbers = 0

  const weightOf = (key: string, work: QueryWork | null): Weight =>
    work === null ? 'light' : (pace?.weigh(key, work) ?? 'light')

  function begin(key: string, place: Place, work: QueryWork | null): GiveBack {
    counters.running += 1
    place.running += 1
    const running = work === null ? null : (pace?.begin(key, work) ?? null)
    if (running !== null) {
      place.weighed.add(running)
      weighed.add(running)
    }
    let isGiven = false
    return (how) => {
      if (isGiven) return
      if (running !== null) {
        running.end(how === undefined ? 'left' : 'answered')
        place.weighed.delete(running)
        weighed.delete(running)
      }
      if (how !== 'sending') {
        isGiven = true
        counters.running -= 1
        place.running -= 1
        tidy(places, key)
      }
      callNext()
    }
  }

  function isRoom(place: Place, weight: Weight): boolean {
    if (counters.running >= max || place.running >= perKeyMax) return false
    if (weight === 'light' || pace === undefined) return true
    const own = countOf(place.weighed, ['heavy', 'new'])
    // Whoever has none at work does not wait for the heavy ones of others.
    if (own === 0) return weight === 'new' || pace.heavy <= pace.heavyPlaces
    if (weight === 'heavy') return pace.heavy < pace.heavyPlaces
    const tried = countOf(weighed, ['heavy', 'new'])
    return own < pace.newPlaces && tried < Math.max(1, max - LEFT_TO_LIGHT)
  }

  /** Who came first of those of a key for whom there is room. */
  function nextOf(place: Place): Waiter | null {
    sort(place.lines, weightOf)
    let first: Waiter | null = null
    for (const weight of WEIGHTS) {
      const [head] = place.lines[weight]
      if (head === undefined || !isRoom(place, weight)) continue
      if (first === null || head.number < first.number) first = head
    }
    return first
  }

  function callNext(): void {
    if (counters.waiting === 0) return
    for (const each of weighed) each.look()
    for (const [key, place] of places) {
      if (counters.running >= max) return
      const next = nextOf(place)
      if (next === null) continue
      places.delete(key)
      places.set(key, place)
      next.turn()
      callNext()
      return
    }
  }

  function wait(
    key: string,
    place: Place,
    work: QueryWork | null,
    bounds: WaitBounds,
  ): Promise<GiveBack> {
    counters.waiting += 1
    counters.waited += 1
    return inLine({ ...bounds, key, work, number: numbers++ }, place.lines, weightOf(key, work), {
      left: () => (counters.waiting -= 1),
      turn: () => begin(key, place, work),
      end: () => {
        tidy(places, key)
        counters.refused += 1
        return tooMany(retryAfter(key, work))
      },
    })
  }

  function retryAfter(key: string, work: QueryWork | null): number {
    if (work === null || pace === undefined) return 1
    const seconds = Math.ceil((pace.expectedMs(key, work) ?? 0) / pace.heavyPlaces / 1_000)
    return Math.min(RETRY_AFTER_MAX, Math.max(1, seconds))
  }

  return {
    counters,
    async take(key, signal, asked) {
      const work = asked === 'whatever' || asked === undefined ? null : asked
      for (const each of weighed) each.look()
      const place = placeIn(places, key)
      const weight = weightOf(key, work)
      const isFirst = place.lines[weight].size === 0
      if (isFirst && !signal.aborted && isRoom(place, weight)) return begin(key, place, work)
      const isFull = waitingIn(place) >= waitingPerKeyMax || counters.waiting >= waitingMax
      if (signal.aborted || (isFull && asked !== 'whatever')) {
        tidy(places, key)
        counters.refused += 1
        throw tooMany(retryAfter(key, work))
      }
      return wait(key, place, work, { signal, waitMs: asked === 'whatever' ? null : waitMs })
    },
  }
}

/** Seconds that a refused caller is told to wait at most. */
const RETRY_AFTER_MAX = 10

function placeIn(places: Map<string, Place>, key: string): Place {
  const lines = { light: new Set<Waiter>(), new: new Set<Waiter>(), heavy: new Set<Waiter>() }
  const place = places.get(key) ?? { running: 0, weighed: new Set<Running>(), lines }
  places.set(key, place)
  return place
}

function tidy(places: Map<string, Place>, key: string): void {
  const place = places.get(key)
  if (place?.running === 0 && waitingIn(place) === 0) places.delete(key)
}

function waitingIn({ lines }: Place): number {
  return lines.light.size + lines.new.size + lines.heavy.size
}

function countOf(running: ReadonlySet<Running>, weights: readonly Weight[]): number {
  let count = 0
  for (const { weight } of running) if (weights.includes(weight)) count += 1
  return count
}

/** Whose kind has turned out to be another meanwhile goes to the line of that: at least the first of each is where it belongs then. */
function sort(lines: Lines, weightOf: (key: string, work: QueryWork | null) => Weight): void {
  for (const weight of WEIGHTS) {
    for (const waiter of lines[weight]) {
      const now = weightOf(waiter.key, waiter.work)
      if (now === weight) break
      lines[weight].delete(waiter)
      lines[now].add(waiter)
    }
  }
}

/** Waits for a turn; ends without one when the time has passed or the caller left. */
function inLine(
  waiting: Omit<Waiter, 'turn'> & WaitBounds,
  lines: Lines,
  weight: Weight,
  then: { readonly left: () => void; readonly turn: () => GiveBack; readonly end: () => Error },
): Promise<GiveBack> {
  const { signal, waitMs, ...rest } = waiting
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      for (const each of WEIGHTS) lines[each].delete(waiter)
      clearTimeout(timer)
      signal.removeEventListener('abort', onEnd)
      then.left()
    }
    const onEnd = (): void => {
      leave()
      reject(then.end())
    }
    const turn = (): void => {
      leave()
      resolve(then.turn())
    }
    const waiter: Waiter = { ...rest, turn }
    const timer = waitMs === null ? undefined : setTimeout(onEnd, waitMs)
    signal.addEventListener('abort', onEnd, { once: true })
    lines[weight].add(waiter)
  })
}

function tooMany(seconds: number): Error {
  return fault('limit.rate', {
    public: `[Error] Too many queries of this workspace are running. Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`,
    headers: { 'Retry-After': String(seconds) },
  })
}
