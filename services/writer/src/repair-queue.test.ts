import { expect, test } from 'vitest'
import { createRepairQueue } from './repair-queue.ts'

const KEY = { view: 'v', dataSourceId: 't' }

function queueAt() {
  const clock = { nowMs: 0 }
  return { clock, queue: createRepairQueue(() => clock.nowMs) }
}

test('what is added while a view is looked at is not forgotten with it', async () => {
  const { clock, queue } = queueAt()
  queue.add(KEY, 'w')
  clock.nowMs += 2_000
  const owing = await queue.next()
  if (owing === null) throw new Error('nothing is due')
  queue.add(KEY, 'w')
  queue.passed(owing)
  expect(await queue.next()).toBe(owing)
  queue.passed(owing)
  let isDue = false
  void queue.next().then((next) => (isDue = next !== null))
  clock.nowMs += 1e9
  queue.wake('w')
  await new Promise((resolve) => setImmediate(resolve))
  expect(isDue).toBe(false)
  queue.stop()
})

test('batches that fail together are tried one by one, and each later one gets its try', async () => {
  const { clock, queue } = queueAt()
  queue.add(KEY, 'w')
  clock.nowMs += 2_000
  const owing = await queue.next()
  if (owing === null) throw new Error('nothing is due')
  queue.stillFailing(owing, 500, 40)
  expect([owing.take, owing.after]).toEqual([1, 0])
  queue.stillFailing(owing, 1, 7)
  expect([owing.take, owing.after, owing.dueMs <= clock.nowMs]).toEqual([1, 7, true])
  queue.repaired(owing)
  expect([owing.take, owing.after]).toEqual([2, 7])
})

test('the pauses of a view that still fails grow, and end when somebody changed its tables', async () => {
  const { clock, queue } = queueAt()
  queue.add(KEY, 'w')
  const pauses: number[] = []
  for (let round = 0; round < 4; round += 1) {
    clock.nowMs += 1e9
    const owing = await queue.next()
    if (owing === null) throw new Error('nothing is due')
    for (let each = 0; each < 3; each += 1) queue.stillFailing(owing, 1, each)
    pauses.push(owing.dueMs - clock.nowMs)
  }
  expect(pauses).toEqual([8_000, 64_000, 300_000, 300_000])
  queue.wake('w')
  expect(await queue.next()).toMatchObject({ after: 0, failures: 0 })
})
