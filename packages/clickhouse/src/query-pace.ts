// Which queries are small, which are heavy, and how many heavy ones may be at work, so that each of them can end within its time.
// What a query will take is known from those of its kind before it; of a kind that nobody has seen only a few are tried at once. Small ones
// are never counted: they find their places whatever the heavy ones do.
import { LRUCache } from 'lru-cache'

/** What a query is, as far as its taking a place is concerned. */
export interface QueryWork {
  /** Which queries take about as long: the statement without its values. Counts within one workspace only. */
  readonly kind: string
  /** Milliseconds it may take. */
  readonly limitMs: number
}

/** `new`: none of its kind was seen to end. */
export type Weight = 'light' | 'heavy' | 'new'

/** Bounds of the pace. */
export interface PaceOptions {
  /** Milliseconds from which on a query is heavy. */
  readonly heavyMs: number
  /** Heavy queries at work at first: as many as there are processors. */
  readonly heavyPlaces: number
  /** At most so many, however quickly they end. */
  readonly heavyPlacesMax: number
  /** Milliseconds. */
  readonly now: () => number
}

/** One query at work. */
export interface Running {
  readonly weight: Weight
  /** Looks at the clock: one that is at work for long is heavy from now on, and so is its kind. */
  look(): void
  /** Its answer is there, it failed, or its caller left: it counts no more. Idempotent. */
  end(how: 'answered' | 'left'): void
}

/** What all queries of all workspaces have taught. */
export interface Pace {
  /** Heavy queries at work. */
  readonly heavy: number
  weigh(key: string, work: QueryWork): Weight
  begin(key: string, work: QueryWork): Running
  /** Heavy queries that may be at work now; at least one. */
  readonly heavyPlaces: number
  /** New ones of one key that may be tried at once, the heavy ones of that key counted. */
  readonly newPlaces: number
  /** How long those of the kind take, in milliseconds; null when none was seen. */
  expectedMs(key: string, work: QueryWork): number | null
}

/** Kinds remembered. */
const KINDS_MAX = 10_000
/** Of what a kind takes, the part that its next query replaces. One long query counts at once, for the next may be as long. */
const SHARE_OF_NEXT = 0.3
/** Of its time that a heavy query needs: with more there are too many of them, with less there is room for another. */
const TIGHT = 0.7
const ROOMY = 0.35
/** What is left of the places when they were too many. */
const BACK_TO = 0.7

/** Additive increase, multiplicative decrease: each heavy query that ends tells whether there were too many beside it. */
export function createPace(options: PaceOptions): Pace {
  return new Taught(options)
}

class Taught implements Pace {
  heavy = 0
  readonly heavyMs: number
  readonly now: () => number
  readonly newPlaces: number
  readonly #kinds = new LRUCache<string, number>({ max: KINDS_MAX })
  readonly #placesMax: number
  #places: number
  #lessSince = -Infinity

  constructor({ heavyMs, heavyPlaces, heavyPlacesMax, now }: PaceOptions) {
    this.heavyMs = heavyMs
    this.now = now
    this.newPlaces = Math.max(2, heavyPlaces)
    this.#placesMax = heavyPlacesMax
    this.#places = heavyPlaces
  }

  get heavyPlaces(): number {
    return Math.max(1, Math.floor(this.#places + 1e-9))
  }

  weigh(key: string, work: QueryWork): Weight {
    const expected = this.expectedMs(key, work)
    if (expected === null) return 'new'
    return expected < this.heavyMs ? 'light' : 'heavy'
  }

  expectedMs(key: string, { kind }: QueryWork): number | null {
    return this.#kinds.get(nameOf(key, kind)) ?? null
  }

  begin(key: string, work: QueryWork): Running {
    return new AtWork(this, key, work)
  }

  atLeast(key: string, work: QueryWork, ms: number): void {
    this.#kinds.set(nameOf(key, work.kind), Math.max(ms, this.expectedMs(key, work) ?? 0))
  }

  learn(key: string, work: QueryWork, ms: number, how: 'answered' | 'left'): void {
    const before = this.expectedMs(key, work)
    if (how === 'answered' && before !== null && ms < before)
      this.#kinds.set(nameOf(key, work.kind), before + SHARE_OF_NEXT * (ms - before))
    // How long one would have taken whose caller left nobody knows; that it takes so long is known, when it is long.
    else if (how === 'answered' || ms >= this.heavyMs) this.atLeast(key, work, ms)
  }

  adapt(tookMs: number, since: number, limitMs: number): void {
    if (tookMs > TIGHT * limitMs) {
      // One that began before there were fewer tells nothing of the fewer.
      if (since < this.#lessSince) return
      this.#places = Math.max(1, this.#places * BACK_TO)
      this.#lessSince = this.now()
    } else if (tookMs < ROOMY * limitMs && this.heavy >= this.heavyPlaces) {
      this.#places = Math.min(this.#placesMax, this.#places + 1 / this.#places)
    }
  }
}

class AtWork implements Running {
  weight: Weight
  readonly #pace: Taught
  readonly #key: string
  readonly #work: QueryWork
  readonly #since: number
  #isOver = false

  constructor(pace: Taught, key: string, work: QueryWork) {
    this.#pace = pace
    this.#key = key
    this.#work = work
    this.#since = pace.now()
    this.weight = pace.weigh(key, work)
    if (this.weight === 'heavy') pace.heavy += 1
  }

  look(): void {
    const ms = this.#pace.now() - this.#since
    if (this.#isOver || this.weight === 'heavy' || ms < this.#pace.heavyMs) return
    this.weight = 'heavy'
    this.#pace.heavy += 1
    this.#pace.atLeast(this.#key, this.#work, ms)
  }

  end(how: 'answered' | 'left'): void {
    if (this.#isOver) return
    this.look()
    this.#isOver = true
    const ms = this.#pace.now() - this.#since
    this.#pace.learn(this.#key, this.#work, ms, how)
    if (this.weight !== 'heavy') return
    const { limitMs } = this.#work
    if (how === 'answered' || ms > TIGHT * limitMs) this.#pace.adapt(ms, this.#since, limitMs)
    this.#pace.heavy -= 1
  }
}

function nameOf(key: string, kind: string): string {
  return `${key}\0${kind}`
}
