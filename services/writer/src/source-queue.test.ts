import type { FrameRef } from '@sandpiper/eventlog'
import { expect, test } from 'vitest'
import { createSourceQueue } from './source-queue.ts'

function refOf(sequence: number): FrameRef {
  return {
    ...{ sequence, workspaceId: 'w', dataSourceId: 'd', schemaVersion: 1, rowCount: 2 },
    ...{ refusedCount: 1, bytes: 10, segment: 's', offset: 0 },
  }
}

function queueOf(max: number) {
  let total = 0
  const queue = createSourceQueue({ has: (length) => length < max, changed: (by) => (total += by) })
  return { queue, total: () => total, sequences: () => queue.refs.map((ref) => ref.sequence) }
}

test('what does not fit is remembered by its place, and later frames keep behind it', () => {
  const { queue, sequences } = queueOf(2)
  for (const sequence of [1, 2, 3, 4]) queue.offer(refOf(sequence), 0, 'welcome')
  expect(sequences()).toEqual([1, 2])
  expect(queue.leftOutFrom()).toBe(3)
  queue.drop(2)
  queue.offer(refOf(5), 0, 'welcome')
  expect(sequences()).toEqual([])
  expect(queue.readOn(refOf(3), 0)).toBe(true)
  expect(queue.readOn(refOf(4), 0)).toBe(true)
  expect(queue.readOn(refOf(5), 0)).toBe(false)
  expect(queue.leftOutFrom()).toBe(5)
  queue.drop(2)
  queue.readOn(refOf(5), 0)
  queue.setLeftOut(null)
  queue.offer(refOf(6), 0, 'welcome')
  expect(sequences()).toEqual([5, 6])
})

test('a frame that a batch in doubt needs is taken, room or not', () => {
  const { queue, sequences } = queueOf(1)
  for (const sequence of [1, 2, 3]) queue.offer(refOf(sequence), 0, 'owed')
  expect(sequences()).toEqual([1, 2, 3])
})

test('what waits is counted in frames, rows and bytes, and the shared room with it', () => {
  const { queue, total } = queueOf(10)
  queue.offer(refOf(1), 5, 'welcome')
  queue.offer(refOf(2), 6, 'welcome')
  expect(queue.waiting()).toEqual({ frames: 2, rows: 6, bytes: 20, sinceMs: 5 })
  queue.drop(1)
  expect(queue.waiting()).toEqual({ frames: 1, rows: 3, bytes: 10, sinceMs: 6 })
  expect(total()).toBe(1)
})
