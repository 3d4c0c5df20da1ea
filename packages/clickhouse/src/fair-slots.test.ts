import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createFairSlots } from './fair-slots.ts'

const never = new AbortController().signal
const LIMITS = { max: 3, perKeyMax: 2, waitingPerKeyMax: 4, waitMs: 1_000 }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('one key never has more than its share, and another finds room meanwhile', async () => {
  const slots = createFairSlots(LIMITS)
  const first = await slots.take('a', never)
  await slots.take('a', never)
  const order: string[] = []
  const third = slots.take('a', never).then(() => order.push('a'))
  await slots.take('b', never)
  expect(slots.counters).toMatchObject({ running: 3, waiting: 1 })
  first()
  first()
  await third
  expect(slots.counters).toMatchObject({ running: 3, waiting: 0, waited: 1 })
})

test('those who wait are called by turns of their keys, not by their number', async () => {
  const slots = createFairSlots({ ...LIMITS, max: 1, perKeyMax: 1 })
  let giveBack = await slots.take('z', never)
  const order: string[] = []
  const next: (() => void)[] = []
  for (const key of ['a', 'a', 'a', 'b', 'c'])
    void slots.take(key, never).then((give) => {
      order.push(key)
      next.push(give)
    })
  for (let n = 0; n < 5; n += 1) {
    giveBack()
    await vi.advanceTimersByTimeAsync(0)
    giveBack = next[n]!
  }
  expect(order).toEqual(['a', 'b', 'c', 'a', 'a'])
})

test('whoever waits too long, or finds the line full, is refused with 429 and told when to come again', async () => {
  const slots = createFairSlots({ ...LIMITS, max: 1 })
  const giveBack = await slots.take('a', never)
  const waiting = Array.from({ length: 4 }, () => slots.take('a', never))
  const refused = Promise.allSettled(waiting)
  await expect(slots.take('a', never)).rejects.toMatchObject({
    ...{ code: 'limit.rate', status: 429 },
    details: { headers: { 'Retry-After': '1' } },
  })
  // The line of another is its own.
  const other = expect(slots.take('b', never)).rejects.toMatchObject({ code: 'limit.rate' })
  await vi.advanceTimersByTimeAsync(999)
  giveBack()
  await vi.advanceTimersByTimeAsync(1)
  const ends = (await refused).map(({ status }) => status)
  expect(ends.filter((status) => status === 'rejected')).toHaveLength(3)
  await other
  expect(slots.counters).toMatchObject({ running: 1, waiting: 0, refused: 5 })
})

test('all lines together are bounded too', async () => {
  const slots = createFairSlots({ ...LIMITS, max: 1, waitingMax: 2 })
  await slots.take('a', never)
  for (const key of ['b', 'c']) slots.take(key, never).catch(() => undefined)
  await expect(slots.take('d', never)).rejects.toMatchObject({ code: 'limit.rate' })
})

test('a caller that leaves gives its turn to the next, and takes no place', async () => {
  const slots = createFairSlots({ ...LIMITS, max: 1 })
  const giveBack = await slots.take('a', never)
  const leaving = new AbortController()
  const left = expect(slots.take('a', leaving.signal)).rejects.toThrow()
  const second = slots.take('a', never)
  leaving.abort()
  await left
  giveBack()
  ;(await second)()
  await expect(slots.take('a', AbortSignal.abort())).rejects.toThrow()
  expect(slots.counters).toMatchObject({ running: 0, waiting: 0 })
})

test('a job waits its turn for as long as it takes, in a line that is full for others, and until it is cancelled', async () => {
  const slots = createFairSlots({ ...LIMITS, max: 1, waitingPerKeyMax: 0 })
  const giveBack = await slots.take('a', never)
  await expect(slots.take('a', never)).rejects.toMatchObject({ code: 'limit.rate' })
  const job = slots.take('a', never, 'whatever')
  const cancelled = new AbortController()
  const other = slots.take('a', cancelled.signal, 'whatever')
  await vi.advanceTimersByTimeAsync(3_600_000)
  cancelled.abort()
  await expect(other).rejects.toMatchObject({ code: 'limit.rate' })
  expect(slots.counters.waiting).toBe(1)
  giveBack()
  await expect(job).resolves.toBeTypeOf('function')
})
