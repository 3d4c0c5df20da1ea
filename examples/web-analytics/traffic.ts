// A realistic day of page views, the same for the same seed: sessions with a few pages each, quiet nights, popular pages,
// countries awake at different hours.

export interface PageView {
  readonly timestamp: string
  readonly session_id: string
  readonly visitor_id: string
  readonly hostname: string
  readonly page: { readonly path: string; readonly referrer: string }
  readonly device: string
  readonly browser: string
  readonly country: string
  readonly load_ms?: number
}

export interface Day {
  /** How many page views, exactly. */
  readonly events: number
  /** The day is the 24 hours before this; Unix milliseconds. */
  readonly endsAtMs: number
  readonly seed: number
}

type Weighted<Value> = readonly (readonly [Value, weight: number])[]

const HOST = 'acme.example'
const DAY_SECONDS = 86_400
/** A session has one page with probability 0.42, and goes on after each further page with probability 0.6. */
const BOUNCE = 0.42
const GO_ON = 0.6
const PAGES_MAX = 25

const PAGES: Weighted<string> = [
  ['/', 30],
  ['/pricing', 12],
  ['/docs', 14],
  ['/docs/quick-start', 10],
  ['/docs/api', 7],
  ['/blog', 6],
  ['/blog/launch', 9],
  ['/blog/how-we-count', 5],
  ['/about', 3],
  ['/sign-up', 4],
]
const REFERRERS: Weighted<string> = [
  ['', 38],
  ['https://www.search.example/?q=analytics', 30],
  ['https://news.example/item/4711', 12],
  ['https://social.example/post/99', 11],
  ['https://partner.example/', 6],
  ['https://mail.example/', 3],
]
/** Country, its distance to UTC in hours, and its share. */
const COUNTRIES: Weighted<readonly [code: string, utcOffset: number]> = [
  [['US', -6], 32],
  [['DE', 1], 14],
  [['GB', 0], 11],
  [['IN', 5.5], 12],
  [['ES', 1], 8],
  [['BR', -3], 8],
  [['JP', 9], 9],
  [['AU', 10], 6],
]
const DEVICES: Weighted<string> = [
  ['desktop', 54],
  ['mobile', 41],
  ['tablet', 5],
]
const BROWSERS: Weighted<string> = [
  ['chrome', 58],
  ['safari', 24],
  ['firefox', 10],
  ['edge', 8],
]
/** How awake people are at each local hour. */
const AWAKE = [
  2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 12, 12, 13, 13, 12, 11, 11, 12, 12, 10, 7, 4,
] as const

/** The page views of one day in the order of their time. */
export function dayOfTraffic(day: Day): PageView[] {
  const random = seededRandom(day.seed)
  const views: { at: number; view: PageView }[] = []
  for (let session = 0; views.length < day.events; session += 1) {
    for (const each of sessionViews(day, session, random)) views.push(each)
  }
  views.length = day.events
  return views.sort((a, b) => a.at - b.at).map(({ view }) => view)
}

function* sessionViews(
  day: Day,
  session: number,
  random: () => number,
): Generator<{ at: number; view: PageView }> {
  const [country, utcOffset] = pick(COUNTRIES, random)
  const device = pick(DEVICES, random)
  const browser = pick(BROWSERS, random)
  const isReturning = random() < 0.25
  const visitor = isReturning ? Math.floor(random() * session) : session
  let secondsAgo = secondsBeforeEnd(day.endsAtMs, utcOffset, random)
  let referrer = pick(REFERRERS, random)
  const pages = pageCount(random)
  for (let page = 0; page < pages && secondsAgo >= 0; page += 1) {
    const path = pick(PAGES, random)
    const at = Math.floor(day.endsAtMs / 1000) - secondsAgo
    const loadMs = Math.round(80 + 900 * random() ** 3 * (device === 'mobile' ? 1.6 : 1))
    const view = {
      timestamp: new Date(at * 1000).toISOString().slice(0, 19).replace('T', ' '),
      session_id: `s${day.seed}-${session}`,
      visitor_id: `v${day.seed}-${visitor}`,
      hostname: HOST,
      page: { path, referrer },
      device,
      browser,
      country,
    }
    yield { at, view: random() < 0.95 ? { ...view, load_ms: loadMs } : view }
    referrer = `https://${HOST}${path}`
    secondsAgo -= Math.ceil(5 + 110 * random() ** 2)
  }
}

function pageCount(random: () => number): number {
  if (random() < BOUNCE) return 1
  let pages = 2
  while (pages < PAGES_MAX && random() < GO_ON) pages += 1
  return pages
}

/** A moment of the day, by the local hour people are awake at: drawn until one is accepted. */
function secondsBeforeEnd(endsAtMs: number, utcOffset: number, random: () => number): number {
  const most = Math.max(...AWAKE)
  for (;;) {
    const secondsAgo = Math.floor(random() * DAY_SECONDS)
    const local = new Date(endsAtMs - secondsAgo * 1000 + utcOffset * 3_600_000)
    if (random() * most < (AWAKE[local.getUTCHours()] ?? 0)) return secondsAgo
  }
}

function pick<Value>(choices: Weighted<Value>, random: () => number): Value {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0)
  let left = random() * total
  for (const [value, weight] of choices) {
    left -= weight
    if (left < 0) return value
  }
  throw new Error('weights do not add up')
}

/** mulberry32: small, fast, and the same on every machine. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
