import type { FrameRef } from '@sandpiper/eventlog'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BatchLimits, dueInMs, restMs, takeBatch } from './batcher.ts'

const refs = fc
  .array(
    fc.record({
      rowCount: fc.nat(50),
      refusedCount: fc.nat(5),
      bytes: fc.integer({ min: 1, max: 500 }),
      schemaVersion: fc.integer({ min: 1, max: 2 }),
    }),
    { maxLength: 60 },
  )
  .map((heads) => heads.map((head, index) => refOf(index + 1, head)))

const limits: fc.Arbitrary<BatchLimits> = fc.record({
  rowsMax: fc.integer({ min: 1, max: 300 }),
  bytesMax: fc.integer({ min: 1, max: 3000 }),
  framesMax: fc.integer({ min: 1, max: 20 }),
  ageMaxMs: fc.constant(100),
})

function refOf(sequence: number, head: Partial<FrameRef>): FrameRef {
  return {
    ...{ sequence, workspaceId: 'w', dataSourceId: 'd', schemaVersion: 1, rowCount: 1 },
    ...{ refusedCount: 0, bytes: 10, segment: 's', offset: 0, ...head },
  }
}

function rowsOf(batch: readonly FrameRef[]): number {
  return batch.reduce((sum, ref) => sum + ref.rowCount + ref.refusedCount, 0)
}

describe('takeBatch', () => {
  test('batches, one after the other, are all frames in order, each once', () => {
    fc.assert(
      fc.property(refs, limits, (all, bounds) => {
        const batches: FrameRef[][] = []
        for (let rest = all; rest.length > 0; rest = rest.slice(batches.at(-1)?.length ?? 0))
          batches.push(takeBatch(rest, bounds))
        expect(batches.flat()).toEqual(all)
      }),
    )
  })

  test('a batch keeps every bound, unless its first frame alone passes one', () => {
    fc.assert(
      fc.property(refs, limits, (all, bounds) => {
        const batch = takeBatch(all, bounds)
        if (batch.length < 2) return
        expect(rowsOf(batch)).toBeLessThanOrEqual(bounds.rowsMax)
        expect(batch.reduce((sum, ref) => sum + ref.bytes, 0)).toBeLessThanOrEqual(bounds.bytesMax)
        expect(batch.length).toBeLessThanOrEqual(bounds.framesMax)
        expect(new Set(batch.map((ref) => ref.schemaVersion)).size).toBe(1)
      }),
    )
  })

  test('a batch is as large as it may be', () => {
    fc.assert(
      fc.property(refs, limits, (all, bounds) => {
        const batch = takeBatch(all, bounds)
        const next = all[batch.length]
        if (next === undefined) return
        const more = [...batch, next]
        const passes =
          rowsOf(more) > bounds.rowsMax ||
          more.reduce((sum, ref) => sum + ref.bytes, 0) > bounds.bytesMax ||
          more.length > bounds.framesMax ||
          next.schemaVersion !== batch[0]?.schemaVersion
        expect(passes).toBe(true)
      }),
    )
  })

  test('nothing makes no batch', () => {
    expect(takeBatch([], { rowsMax: 1, bytesMax: 1, framesMax: 1, ageMaxMs: 0 })).toEqual([])
  })
})

describe('dueInMs', () => {
  const bounds = { rowsMax: 10, bytesMax: 100, framesMax: 5, ageMaxMs: 200 }
  const waiting = { frames: 1, rows: 1, bytes: 1, sinceMs: 1_000 }

  test('what waits is due when the first frame is old enough, not before', () => {
    expect(dueInMs(waiting, bounds, 1_000)).toBe(200)
    expect(dueInMs(waiting, bounds, 1_199)).toBe(1)
    expect(dueInMs(waiting, bounds, 1_200)).toBe(0)
    expect(dueInMs(waiting, bounds, 9_999)).toBe(0)
  })

  test('nothing waits longer because the clock was set back', () => {
    expect(dueInMs({ ...waiting, sinceMs: 9_000_000 }, bounds, 1_000)).toBe(200)
  })

  test.each([{ rows: 10 }, { bytes: 100 }, { frames: 5 }])(
    'a reached bound is due at once: %o',
    (full) => {
      expect(dueInMs({ ...waiting, ...full }, bounds, 1_000)).toBe(0)
    },
  )
})

describe('the rest between two batches', () => {
  const after = (rows: number, tookMs: number, sinceMs: number, frames = rows): number =>
    restMs({ rows, frames, startedMs: 1_000, tookMs }, 1_000 + sinceMs)

  test('the first batch, and one after a silence, begins at once', () => {
    expect(restMs(null, 1_000)).toBe(0)
    expect(after(1, 5, 60)).toBe(0)
    expect(after(200, 5, 500)).toBe(0)
  })

  test('a busy data source rests longer than one with a few rows', () => {
    expect(after(199, 5, 10)).toBe(40)
    expect(after(200, 5, 10)).toBe(90)
  })

  test('where many requests are answered, loads that take long give way to them, up to a bound', () => {
    expect(after(500, 120, 120)).toBe(120)
    expect(after(500, 60_000, 60_000)).toBe(0)
    expect(after(500, 250, 250)).toBe(50)
  })

  test('rows of few requests do not wait for the sake of others', () => {
    expect(after(499, 120, 120)).toBe(0)
    expect(after(20_000, 120, 120, 20)).toBe(0)
  })

  test('a clock that was set back holds nothing for as long as it was set back', () => {
    expect(after(200, 5, -3_600_000)).toBe(100)
  })
})
