import type { EventLogReader, FrameRef, WriterLink } from '@sandpiper/eventlog'
import { expect, test } from 'vitest'
import { createIntake } from './intake.ts'
import { createSources, sharedRef } from './source.ts'

const SOURCES = ['a', 'b'] as const

/** A log of heads only; frame n belongs to data source a, when n is a multiple of 4 to b. */
function fakeLog() {
  let durable = 0
  const listeners: ((sequence: number) => void)[] = []
  const refs: FrameRef[] = []
  const reader = {
    async *scan(from: number, upTo: number) {
      for (const ref of refs.filter((each) => each.sequence >= from && each.sequence <= upTo)) {
        await Promise.resolve()
        yield ref
      }
    },
  } as unknown as EventLogReader
  const link = {
    durable: () => durable,
    onDurable: (listener: (sequence: number) => void) => void listeners.push(listener),
  } as unknown as WriterLink
  return {
    reader,
    link,
    append(count: number) {
      for (let each = 0; each < count; each += 1) {
        durable += 1
        const dataSourceId = SOURCES[durable % 4 === 0 ? 1 : 0]
        refs.push({
          ...{ sequence: durable, workspaceId: 'w', dataSourceId, schemaVersion: 1, rowCount: 1 },
          ...{ refusedCount: 0, bytes: 10, segment: 's', offset: 0 },
        })
      }
      for (const listener of listeners) listener(durable)
    },
  }
}

test('every frame reaches its data source once and in order, also those that had no room at first', async () => {
  const log = fakeLog()
  const sources = createSources(new Map())
  const abort = new AbortController()
  const seen: Record<string, number[]> = { a: [], b: [] }
  const intake = createIntake(
    {
      ...log,
      onFrame: (ref) => {
        const source = sources.get(ref.dataSourceId, ref.workspaceId)
        source.queue.offer(sharedRef(source, ref), 0, 'welcome')
      },
      onCaughtUp: () => undefined,
      onLeftOut: (source, ref) => source.queue.readOn(sharedRef(source, ref), 0),
      onReadOn: () => undefined,
      onTrouble: () => Promise.reject(new Error('the log cannot be read')),
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      monotonicMs: () => 0,
      sleep: () => new Promise((resolve) => setImmediate(resolve)),
    },
    1,
    abort.signal,
  )
  const followed = intake.follow()
  log.append(60_000)
  // A consumer that is slower than the log: queues are bounded at 20,000 frames.
  for (let taken = 0; taken < 90_000;) {
    for (const source of sources.all()) {
      const part = source.queue.refs.slice(0, 10_000)
      seen[source.id]?.push(...part.map((ref) => ref.sequence))
      expect(source.queue.refs.length).toBeLessThanOrEqual(20_000)
      source.queue.drop(part.length)
      taken += part.length
      if (taken - part.length < 40_000 && taken >= 40_000) log.append(30_000)
      intake.readOn(source)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  const all = Array.from({ length: 90_000 }, (_, index) => index + 1)
  expect(seen['a']).toEqual(all.filter((each) => each % 4 !== 0))
  expect(seen['b']).toEqual(all.filter((each) => each % 4 === 0))
  expect(intake.scannedTo()).toBe(90_000)
  abort.abort()
  await followed
}, 30_000)
