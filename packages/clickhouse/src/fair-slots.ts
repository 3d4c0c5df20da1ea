// Who may ask the engine now: a bounded number in all, fewer for one workspace, so that whatever one asks for, others find room. Those who
// wait are called by turns of their workspaces, not of their number; they wait for a bounded time in a bounded line. Heavy queries have
// fewer places than there are: as many as can end in time, so that small ones find theirs beside them.
import { fault } from '@sandpiper/faults'

import type { Leaving } from './deadline.ts'
import type { Pace, QueryWork, Running, Weight } from './query-pace.ts'
import {
  createLines,
  waitingIn,
  WEIGHTS,
  type GiveBack,
  type Lines,
  type Waiter,
} from './waiting-lines.ts'

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

export type { GiveBack } from './waiting-lines.ts'

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

interface Place {
  running: number
  /** Those of them whose weight counts. */
  readonly weighed: Set<Running>
  readonly lines: Lines
}

/** Places that heavy and new queries leave to small ones, but for the first of a key. */
const LEFT_TO_LIGHT = 2
/** Seconds that a refused caller is told to wait at most. */
const RETRY_AFTER_MAX = 10

/** Makes them; a key without anybody at work or waiting takes no memory. */
export function createFairSlots(options: FairSlotsOptions): FairSlots {
  return new Places(options)
}

class Places implements FairSlots {
  readonly counters: FairSlotsCounters = { running: 0, waiting: 0, waited: 0, refused: 0 }
  readonly #options: FairSlotsOptions
  readonly #pace: Pace | undefined
  /** In order of their turns: whoever was served goes to the end. */
  readonly #places = new Map<string, Place>()
  readonly #weighed = new Set<Running>()
  #numbers = 0

  constructor(options: FairSlotsOptions) {
    this.#options = options
    this.#pace = options.pace
  }

  async take(key: string, signal: Leaving, asked?: QueryWork | 'whatever'): Promise<GiveBack> {
    const { waitingPerKeyMax, waitingMax = 10 * waitingPerKeyMax, waitMs } = this.#options
    const work = asked === 'whatever' || asked === undefined ? null : asked
    for (const each of this.#weighed) each.look()
    const place = this.#placeOf(key)
    const weight = this.#weightOf(key, work)
    const isFirst = place.lines[weight].size === 0
    if (isFirst && !signal.aborted && this.#isRoom(place, weight)) {
      return this.#begin(key, place, work)
    }
    const isFull = waitingIn(place.lines) >= waitingPerKeyMax || this.counters.waiting >= waitingMax
    if (signal.aborted || (isFull && asked !== 'whatever')) throw this.#refused(key, work)
    this.counters.waiting += 1
    this.counters.waited += 1
    const waiter = { key, work, number: this.#numbers++ }
    return place.lines.wait(waiter, weight, {
      ...{ signal, waitMs: asked === 'whatever' ? null : waitMs },
      left: () => (this.counters.waiting -= 1),
      turn: () => this.#begin(key, place, work),
      end: () => this.#refused(key, work),
    })
  }

  #begin(key: string, place: Place, work: QueryWork | null): GiveBack {
    this.counters.running += 1
    place.running += 1
    const running = work === null ? null : (this.#pace?.begin(key, work) ?? null)
    if (running !== null) {
      place.weighed.add(running)
      this.#weighed.add(running)
    }
    let isGiven = false
    return (how) => {
      if (isGiven) return
      if (running !== null) {
        running.end(how === undefined ? 'left' : 'answered')
        place.weighed.delete(running)
        this.#weighed.delete(running)
      }
      if (how !== 'sending') {
        isGiven = true
        this.counters.running -= 1
        place.running -= 1
        this.#tidy(key)
      }
      this.#callNext()
    }
  }

  #isRoom(place: Place, weight: Weight): boolean {
    const { max, perKeyMax } = this.#options
    const pace = this.#pace
    if (this.counters.running >= max || place.running >= perKeyMax) return false
    if (weight === 'light' || pace === undefined) return true
    const own = countOf(place.weighed)
    // Whoever has none at work does not wait for the heavy ones of others.
    if (own === 0) return true
    if (weight === 'heavy') return pace.heavy < pace.heavyPlaces
    return own < pace.newPlaces && countOf(this.#weighed) < Math.max(1, max - LEFT_TO_LIGHT)
  }

  #callNext(): void {
    if (this.counters.waiting === 0) return
    for (const each of this.#weighed) each.look()
    for (const [key, place] of this.#places) {
      if (this.counters.running >= this.#options.max) return
      const next = this.#nextOf(place)
      if (next === null) continue
      this.#places.delete(key)
      this.#places.set(key, place)
      next.turn()
      this.#callNext()
      return
    }
  }

  /** Who came first of those of a key for whom there is room. */
  #nextOf(place: Place): Waiter | null {
    const { lines } = place
    lines.sort((waiter) => this.#weightOf(waiter.key, waiter.work))
    let first: Waiter | null = null
    for (const weight of WEIGHTS) {
      const [head] = lines[weight]
      if (head === undefined || !this.#isRoom(place, weight)) continue
      if (first === null || head.number < first.number) first = head
    }
    return first
  }

  #weightOf(key: string, work: QueryWork | null): Weight {
    return work === null ? 'light' : (this.#pace?.weigh(key, work) ?? 'light')
  }

  #refused(key: string, work: QueryWork | null): Error {
    this.#tidy(key)
    this.counters.refused += 1
    return tooMany(this.#retryAfter(key, work))
  }

  #retryAfter(key: string, work: QueryWork | null): number {
    const pace = this.#pace
    if (work === null || pace === undefined) return 1
    const seconds = Math.ceil((pace.expectedMs(key, work) ?? 0) / pace.heavyPlaces / 1_000)
    return Math.min(RETRY_AFTER_MAX, Math.max(1, seconds))
  }

  #placeOf(key: string): Place {
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = { running: 0, weighed: new Set<Running>(), lines: createLines() }
    this.#places.set(key, place)
    return place
  }

  #tidy(key: string): void {
    const place = this.#places.get(key)
    if (place?.running === 0 && waitingIn(place.lines) === 0) this.#places.delete(key)
  }
}

function countOf(running: ReadonlySet<Running>): number {
  let count = 0
  for (const { weight } of running) if (weight !== 'light') count += 1
  return count
}

function tooMany(seconds: number): Error {
  return fault('limit.rate', {
    public: `[Error] Too many queries of this workspace are running. Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`,
    headers: { 'Retry-After': String(seconds) },
  })
}
