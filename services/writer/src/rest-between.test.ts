import { expect, test } from 'vitest'
import { restBetween } from './rest-between.ts'

test('what comes soon after the last time waits for the rest of the pause, and nothing else waits', async () => {
  const clock = { nowMs: 0 }
  const slept: number[] = []
  const rest = restBetween(80, {
    monotonicMs: () => clock.nowMs,
    sleep(ms) {
      slept.push(ms)
      clock.nowMs += ms
      return Promise.resolve()
    },
  })
  await rest()
  clock.nowMs += 30
  await rest()
  clock.nowMs += 200
  await rest()
  expect(slept).toEqual([50])
})
