import { expect, test } from 'vitest'

import { rangeOf } from './ranges.ts'
import { fillSeries } from './series.ts'

test('has a point for each step up to now: no requests are 0, and no latency is a gap', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 30)
  const at = Date.UTC(2026, 0, 1, 11, 59) / 1_000
  const filled = fillSeries(
    [{ at, requests: 3, errors: 1, p50: 0.1, p95: 0.4 }],
    rangeOf('1h'),
    now,
  )
  expect(filled.x.length).toBe(60)
  expect(filled.x.at(-1)).toBe(Date.UTC(2026, 0, 1, 12, 0))
  expect(filled.requests.slice(-3)).toEqual([0, 3, 0])
  expect(filled.errors.slice(-3)).toEqual([0, 1, 0])
  expect(filled.p95.slice(-3)).toEqual([null, 0.4, null])
})
