import { expect, test } from 'vitest'
import { createLoadPace } from './load-pace.ts'

const LIMITS = { perSecondMin: 20, perSecondMax: 200, processorsMax: 0.5 }

/** What the pace is after a while in which each load costs this much. */
function paceAt(costMs: number, loadsPerLook = 50): number {
  const clock = { nowMs: 0 }
  const pace = createLoadPace(LIMITS, () => clock.nowMs)
  let cpuMs = 0
  for (let look = 0; look < 40; look += 1) {
    pace.used({ life: 'a', cpuMs })
    for (let load = 0; load < loadsPerLook; load += 1) pace.loaded()
    cpuMs += costMs * loadsPerLook
    clock.nowMs += 1_000
  }
  return pace.perSecond()
}

test('loads are as many as their part of the processors pays for', () => {
  expect(paceAt(10)).toBeCloseTo(50, 0)
  expect(paceAt(5)).toBeCloseTo(100, 0)
})

test('the pace stays within its bounds, however cheap or dear a load is', () => {
  expect(paceAt(0.1)).toBe(200)
  expect(paceAt(10_000)).toBe(20)
})

test('nothing is known at first, and then there is no burst', () => {
  expect(createLoadPace(LIMITS, () => 0).perSecond()).toBe(50)
})

test('an engine that was started anew does not count as one that used less than nothing', () => {
  const clock = { nowMs: 0 }
  const pace = createLoadPace(LIMITS, () => clock.nowMs)
  for (const [life, cpuMs] of [
    ['a', 100_000],
    ['b', 0],
    ['b', 500],
  ] as const) {
    pace.used({ life, cpuMs })
    for (let load = 0; load < 50; load += 1) pace.loaded()
    clock.nowMs += 1_000
  }
  expect(pace.perSecond()).toBeLessThan(200)
  expect(pace.perSecond()).toBeGreaterThanOrEqual(20)
})
