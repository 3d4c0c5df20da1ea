import { createLogger } from '@sandpiper/telemetry'
import { expect, test } from 'vitest'

import { createPartitionCopy } from './partition-copy.ts'

test('a copy that was full stays so until it says that it has room, whatever a late fetch brings', async () => {
  let written = 0
  let isOpen = false
  const waiting: (() => void)[] = []
  let rooms = 0
  const copy = createPartitionCopy({
    log: {
      append: async () => {
        // The first thousand at once, the others when the test says so.
        if (!isOpen && written >= 1_000) await new Promise<void>((resolve) => waiting.push(resolve))
        return (written += 1)
      },
    },
    keys: { note: () => Promise.resolve(new Set()) },
    ...{ keysMs: 1_000, partition: 0, from: 1 },
    counters: { frames: 0, repeated: 0, damaged: 0, lost: 0 },
    logger: createLogger({ service: 'test', level: 'silent' }),
    onRoom: () => (rooms += 1),
  })
  const value = Buffer.alloc(20 * 1024)
  const records = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...{ topic: 'log', partition: 0, key: null, value, headers: [], timestampMs: 0 },
      offset: from + index,
    }))
  copy.take(records(0, 2_000))
  expect(copy.isFull()).toBe(true)
  await expect.poll(() => waiting.length).toBe(1_000)
  // Below the most that may wait, and above what is room.
  copy.take(records(2_000, 1))
  expect(copy.isFull()).toBe(true)
  expect(rooms).toBe(0)
  isOpen = true
  for (const go of waiting) go()
  await expect.poll(() => rooms).toBe(1)
  expect(copy.isFull()).toBe(false)
  await copy.stop()
})
