import { expect, test } from 'vitest'
import { steadyClock } from './steady-clock.ts'

const MINUTE = 60_000

test('a clock is believed once it has moved in step for an hour, and after a jump in either direction for another hour', () => {
  let now = 1_763_700_000_000
  let elapsed = 5_000
  const clock = steadyClock(
    () => now,
    () => elapsed,
  )
  const pass = (minutes: number): (number | null)[] =>
    Array.from({ length: minutes }, () => {
      now += MINUTE
      elapsed += MINUTE
      return clock()
    })
  expect(clock()).toBeNull()
  expect(new Set(pass(59))).toEqual(new Set([null]))
  expect(pass(1)).toEqual([now])
  for (const jump of [10 * 24 * 60 * MINUTE, -10 * 24 * 60 * MINUTE]) {
    now += jump
    expect(clock()).toBeNull()
    expect(new Set(pass(59))).toEqual(new Set([null]))
    expect(pass(1)).toEqual([now])
  }
  // As it is set by small steps.
  now += 500
  expect(pass(1)).toEqual([now])
})
