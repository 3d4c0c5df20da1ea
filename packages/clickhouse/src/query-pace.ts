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
export function createPace({ heavyMs, now, ...options }: PaceOptions): Pace {
  const kinds = new LRUCache<string, number>({ max: KINDS_MAX })
  let places = options.heavyPlaces
  let lessSince = -Infinity
  let heavy = 0
  const whole = (): number => Math.max(1, Math.floor(places + 1e-9))

  function adapt(tookMs: number, since: number, limitMs: number): void {
    if (tookMs > TIGHT * limitMs) {
      // One that began before there were fewer tells nothing of the fewer.
      if (since < lessSince) return
      places = Math.max(1, places * BACK_TO)
      lessSince = now()
    } else if (tookMs < ROOMY * limitMs && heavy >= whole()) {
      places = Math.min(options.heavyPlacesMax, places + 1 / places)
    }
  }

  function atLeast(kind: string, ms: number): void {
    kinds.set(kind, Math.max(ms, kinds.get(kind) ?? 0))
  }

  function weightOf(kind: string): Weight {
    const expected = kinds.get(kind)
    if (expected === undefined) return 'new'
    return expected < heavyMs ? 'light' : 'heavy'
  }

  function learn(kind: string, ms: number, how: 'answered' | 'left'): void {
    const before = kinds.get(kind)
    if (how === 'answered' && before !== undefined && ms < before)
      kinds.set(kind, before + SHARE_OF_NEXT * (ms - before))
    // How long one would have taken whose caller left nobody knows; that it takes so long is known, when it is long.
    else if (how === 'answered' || ms >= heavyMs) atLeast(kind, ms)
  }

  function begin(key: string, work: QueryWork): Running {
    const kind = nameOf(key, work.kind)
    const since = now()
    let weight = weightOf(kind)
    let isOver = false
    if (weight === 'heavy') heavy += 1
    const look = (): void => {
      const ms = now() - since
      if (isOver || weight === 'heavy' || ms < heavyMs) return
      weight = 'heavy'
      heavy += 1
      atLeast(kind, ms)
    }
    return {
      get weight() {
        return weight
      },
      look,
      end(how) {
        if (isOver) return
        look()
        isOver = true
        const ms = now() - since
        learn(kind, ms, how)
        if (weight !== 'heavy') return
        if (how === 'answered' || ms > TIGHT * work.limitMs) adapt(ms, since, work.limitMs)
        heavy -= 1
      },
    }
  }

  return {
    get heavy() {
      return heavy
    },
    get heavyPlaces() {
      return whole()
    },
    newPlaces: Math.max(2, options.heavyPlaces),
    weigh: (key, { kind }) => weightOf(nameOf(key, kind)),
    expectedMs: (key, { kind }) => kinds.get(nameOf(key, kind)) ?? null,
    begin,
  }
}

function nameOf(key: string, kind: string): string {
  return `${key}\0${kind}`
}
