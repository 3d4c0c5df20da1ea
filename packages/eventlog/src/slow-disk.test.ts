// A disk that is slow, read-only, closed to us or out of files: appends are refused or wait within bounds, and go on by themselves.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEventLog } from './open-event-log.ts'
import { openLogReader } from './open-log-reader.ts'
import {
  diskError,
  type DiskHook,
  frameOf,
  framesOf,
  hookedDisk,
  tempDir,
  valuesOf,
} from './testing.ts'

let folder: Awaited<ReturnType<typeof tempDir>>
beforeEach(async () => {
  folder = await tempDir()
})
afterEach(() => folder.remove())

const values = async (upTo: number): Promise<string[]> => {
  const reader = openLogReader({
    dir: folder.dir,
    onDamage: (damage) => expect(damage).toBeUndefined(),
  })
  const found = valuesOf(await framesOf(reader, 1, upTo))
  await reader.close()
  return found
}

test('while syncs hang, no more bytes are held than allowed, the others get server.busy, and all that were taken are stored', async () => {
  const syncs: (() => void)[] = []
  let isSlow = true
  const files = hookedDisk(folder.dir, async (operation) => {
    if (operation === 'sync' && isSlow) await new Promise<void>((resolve) => syncs.push(resolve))
  })
  const queueBytesMax = 200_000
  const log = await openEventLog({ dir: folder.dir, files, queueBytesMax })
  const taken: Promise<number>[] = []
  const refused: unknown[] = []
  // Ten times what may be held is offered, in waves: clients that come again while the disk hangs.
  for (let wave = 0; wave < 10; wave += 1) {
    for (let at = 0; at < 20; at += 1) {
      const append = log.append(frameOf('x'.repeat(5_000)))
      append.catch((error: unknown) => refused.push(error))
      taken.push(append)
    }
    await new Promise(setImmediate)
    expect(log.counters().queuedBytes).toBeLessThanOrEqual(queueBytesMax)
  }
  isSlow = false
  const results = Promise.allSettled(taken)
  while (log.counters().queuedBytes > 0) {
    for (const letGo of syncs.splice(0)) letGo()
    await new Promise(setImmediate)
  }
  const stored = (await results).flatMap((each) =>
    each.status === 'fulfilled' ? [each.value] : [],
  )
  expect(stored).toEqual(stored.map((_, index) => index + 1))
  expect(stored.length).toBeGreaterThan(10)
  expect(refused.length).toBe(taken.length - stored.length)
  expect(refused[0]).toMatchObject({
    code: 'server.busy',
    details: { headers: { 'Retry-After': '1' } },
  })
  expect(await log.append(frameOf('after'))).toBe(stored.length + 1)
  await log.close()
  expect(await values(stored.length + 1)).toHaveLength(stored.length + 1)
})

describe('a disk that refuses', () => {
  test.each([
    ['writes, being read-only', 'write', 'EROFS', 503],
    ['new files, having none left', 'create', 'EMFILE', 503],
    ['new files, being closed to us', 'create', 'EACCES', 503],
    ['writes above a quota', 'write', 'EDQUOT', 507],
    ['syncs', 'sync', 'EROFS', 503],
  ] as const)(
    '%s: appends fail with their status and go on with the same sequence',
    async (...of) => {
      const [, operation, code, status] = of
      let fails = false
      const hook: DiskHook = (asked) => {
        if (fails && asked === operation) throw diskError(code)
      }
      const log = await openEventLog({
        dir: folder.dir,
        files: hookedDisk(folder.dir, hook),
        segmentBytesMax: 6_000,
      })
      await log.append(frameOf('a'.repeat(3_000)))
      fails = true
      for (let at = 0; at < 3; at += 1)
        await expect(log.append(frameOf('b'.repeat(3_000)))).rejects.toMatchObject({ status })
      expect(log.durable()).toBe(1)
      fails = false
      expect(await log.append(frameOf('c'.repeat(3_000)))).toBe(2)
      await log.close()
      expect((await values(2)).map((value) => value[0])).toEqual(['a', 'c'])
      const again = await openEventLog({ dir: folder.dir })
      expect(again.durable()).toBe(2)
      await again.close()
    },
  )
})
