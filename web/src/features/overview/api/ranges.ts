/** How far back the overview looks, and how many seconds one point of its lines covers. */
export const RANGES = {
  '1h': { label: 'Last hour', seconds: 3600, bucketSeconds: 60 },
  '24h': { label: 'Last 24 hours', seconds: 86_400, bucketSeconds: 900 },
  '7d': { label: 'Last 7 days', seconds: 604_800, bucketSeconds: 7200 },
} as const

export type RangeId = keyof typeof RANGES

export const isRange = (value: unknown): value is RangeId =>
  typeof value === 'string' && Object.hasOwn(RANGES, value)

/** Milliseconds between two looks at what moves. */
export const LIVE_MS = 5000

export interface Bucket {
  /** Unix seconds at which it begins. */
  at: number
}

/** Every bucket of the range, oldest first; what the server has no row for is `empty`. */
export function fillBuckets<Row extends Bucket>(
  rows: readonly Row[],
  range: RangeId,
  nowMs: number,
  empty: (at: number) => Row,
): Row[] {
  const { seconds, bucketSeconds } = RANGES[range]
  const known = new Map(rows.map((row) => [row.at, row]))
  const last = Math.floor(nowMs / 1000 / bucketSeconds) * bucketSeconds
  const count = seconds / bucketSeconds
  return Array.from({ length: count }, (_, each) => {
    const at = last - (count - 1 - each) * bucketSeconds
    return known.get(at) ?? empty(at)
  })
}
