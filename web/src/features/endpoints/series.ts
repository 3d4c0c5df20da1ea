// One point for each step of a range, also where nobody asked.
import type { Range } from './ranges.ts'

export interface SeriesRow {
  /** Unix seconds of the step's start. */
  at: number
  requests: number
  errors: number
  /** Seconds. */
  p50: number
  p95: number
}

export interface EndpointSeries {
  /** Unix milliseconds. */
  x: number[]
  requests: number[]
  errors: number[]
  p50: (number | null)[]
  p95: (number | null)[]
}

/** @param now Unix milliseconds. */
export function fillSeries(
  rows: readonly SeriesRow[],
  { seconds, stepSeconds }: Range,
  now: number,
): EndpointSeries {
  const byStep = new Map(rows.map((row) => [row.at, row]))
  const last = Math.floor(now / 1_000 / stepSeconds) * stepSeconds
  const first = last - seconds + stepSeconds
  const steps = Array.from({ length: seconds / stepSeconds }, (_, at) => first + at * stepSeconds)
  return {
    x: steps.map((each) => each * 1_000),
    requests: steps.map((each) => byStep.get(each)?.requests ?? 0),
    errors: steps.map((each) => byStep.get(each)?.errors ?? 0),
    p50: steps.map((each) => byStep.get(each)?.p50 ?? null),
    p95: steps.map((each) => byStep.get(each)?.p95 ?? null),
  }
}
