import type { EventLog, NewFrame } from '@sandpiper/eventlog'
import { expect, test, vi } from 'vitest'

import { watchLoads } from './load-watch.ts'

/** A log that is durable at once, and loaded when a test says so. */
function startLog(): { log: EventLog; load(upTo: number): void; away(): void; asked: number } {
  let last = 0
  const waiting: { sequence: number; done: () => void; failed: (err: Error) => void }[] = []
  const self = {
    asked: 0,
    load(upTo: number) {
      for (const each of waiting) if (each.sequence <= upTo) each.done()
    },
    away() {
      for (const each of waiting.splice(0)) each.failed(new Error('away'))
    },
    log: {
      append: () => Promise.resolve((last += 1)),
      loaded: (_: string, sequence: number) => {
        self.asked += 1
        return new Promise((resolve, reject) => {
          const done = (): void => {
            resolve({ kind: 'loaded' })
          }
          waiting.push({ sequence, done, failed: reject })
        })
      },
    } as unknown as EventLog,
  }
  return self
}

const frame = (dataSourceId: string): NewFrame => ({ dataSourceId }) as NewFrame

test('the age is that of the oldest event that is not loaded, of each data source alone', async () => {
  const { log, load } = startLog()
  let now = 0
  const watch = watchLoads(log, () => now)
  const age = (): number => watch.oldestUnloadedSeconds('a')
  expect(age()).toBe(0)
  expect(await watch.log.append(frame('a'))).toBe(1)
  now = 2_000
  await watch.log.append(frame('a'))
  await watch.log.append(frame('b'))
  now = 5_000
  expect([age(), watch.oldestUnloadedSeconds('b')]).toEqual([5, 3])
  load(1)
  await vi.waitFor(() => {
    expect(age()).toBe(3)
  })
  load(3)
  await vi.waitFor(() => {
    expect([age(), watch.oldestUnloadedSeconds('b')]).toEqual([0, 0])
  })
})

test('of many events at once one is followed', async () => {
  const running = startLog()
  let now = 0
  const watch = watchLoads(running.log, () => now)
  await Promise.all(Array.from({ length: 1_000 }, () => watch.log.append(frame('a'))))
  expect(running.asked).toBe(1)
  now = 100
  await watch.log.append(frame('a'))
  running.load(1)
  await vi.waitFor(() => {
    expect([running.asked, watch.oldestUnloadedSeconds('a')]).toEqual([2, 0])
  })
})

test('events get older while the writer is away', async () => {
  const running = startLog()
  let now = 0
  const watch = watchLoads(running.log, () => now)
  await watch.log.append(frame('a'))
  running.away()
  now = 60_000
  expect(watch.oldestUnloadedSeconds('a')).toBe(60)
  await vi.waitFor(
    () => {
      expect(running.asked).toBe(2)
    },
    { timeout: 4_000 },
  )
  running.load(1)
  await vi.waitFor(() => {
    expect(watch.oldestUnloadedSeconds('a')).toBe(0)
  })
})
