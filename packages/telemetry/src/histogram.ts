/** How many values fell into which range, cheap enough for every request: one comparison per bound. */
export interface Histogram {
  observe(value: number): void
  /** A plain copy, which may travel as JSON. */
  snapshot(): HistogramSnapshot
}

/** What a histogram has seen. `counts` has one number more than `bounds`: those above the last. */
export interface HistogramSnapshot {
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  readonly sum: number
}

/** Upper bounds in seconds for waits from 0.1 ms to a minute. */
export const DURATION_BOUNDS: readonly number[] = [
  ...[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05],
  ...[0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
]

/** Makes an empty one. @param bounds ascending upper bounds, each inclusive; default DURATION_BOUNDS. */
export function createHistogram(bounds: readonly number[] = DURATION_BOUNDS): Histogram {
  const counts = new Array<number>(bounds.length + 1).fill(0)
  let sum = 0
  return {
    observe(value) {
      const at = bounds.findIndex((bound) => value <= bound)
      const index = at === -1 ? bounds.length : at
      counts[index] = (counts[index] ?? 0) + 1
      sum += value
    },
    snapshot: () => ({ bounds, counts: [...counts], sum }),
  }
}

/** A snapshot that came from another process; null when it is none. */
export function readHistogram(value: unknown): HistogramSnapshot | null {
  const { bounds, counts, sum } = Object(value) as Partial<Record<string, unknown>>
  if (!isNumbers(bounds) || !isNumbers(counts) || typeof sum !== 'number') return null
  return counts.length === bounds.length + 1 ? { bounds, counts, sum } : null
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number')
}
