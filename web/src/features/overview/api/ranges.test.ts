import { describe, expect, test } from 'vitest'

import { fillBuckets, isRange } from './ranges.ts'

const NOW = Date.UTC(2026, 10, 22, 1, 2, 30)
const MINUTE = Date.UTC(2026, 10, 22, 1, 2) / 1000

describe('fillBuckets', () => {
  const filled = fillBuckets([{ at: MINUTE - 120, rows: 7 }], '1h', NOW, (at) => ({ at, rows: 0 }))

  test('has one bucket for each minute of the hour, up to the one that is now', () => {
    expect(filled).toHaveLength(60)
    expect(filled.at(-1)).toEqual({ at: MINUTE, rows: 0 })
    expect(filled.at(0)?.at).toBe(MINUTE - 59 * 60)
  })

  test('keeps what the server told at its place', () => {
    expect(filled.at(-3)).toEqual({ at: MINUTE - 120, rows: 7 })
    expect(filled.filter(({ rows }) => rows > 0)).toHaveLength(1)
  })
})

test('a range that the address made up is none', () => {
  expect([isRange('24h'), isRange('toString'), isRange(3)]).toEqual([true, false, false])
})
