import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogDamage } from './event-log.ts'
import { openEventLog } from './open-event-log.ts'
import { openLogReader } from './open-log-reader.ts'
import { diskError, frameOf, framesOf, hookedDisk, refsOf, tempDir, valuesOf } from './testing.ts'

let folder: Awaited<ReturnType<typeof tempDir>>
beforeEach(async () => {
  folder = await tempDir()
})
afterEach(() => folder.remove())

const noDamage = (damage: LogDamage): void => {
  throw new Error(`unexpected damage ${JSON.stringify(damage)}`)
}
const values = async (from: number, upTo: number): Promise<string[]> => {
  const reader = openLogReader({ dir: folder.dir, onDamage: noDamage })
  try {
    return valuesOf(await framesOf(reader, from, upTo))
  } finally {
    await reader.close()
  }
}

describe('append', () => {
  test('gives sequences 1, 2, 3 in the order of the calls, and the reader gives the same bytes back', async () => {
    const log = await openEventLog({ dir: folder.dir })
    const refused = Buffer.from('{"c__error":["no"]}\n')
    const frames = [
      frameOf('a'),
      frameOf('b', { refused, refusedCount: 1, idempotencyHash: 'h' }),
      frameOf('é\u0000'),
    ]
    expect(await Promise.all(frames.map((frame) => log.append(frame)))).toEqual([1, 2, 3])
    expect(log.durable()).toBe(3)
    const reader = openLogReader({ dir: folder.dir, onDamage: noDamage })
    expect(await framesOf(reader, 1, 3)).toEqual(
      frames.map((frame, index) => ({ ...frame, sequence: index + 1 })),
    )
    await reader.close()
    await log.close()
  })

  test('does not resolve before the sync that covers it, and frames queued meanwhile share the next sync', async () => {
    let letGo: () => void = () => undefined
    const events: string[] = []
    const files = hookedDisk(folder.dir, async (operation) => {
      if (operation !== 'sync') return
      events.push('sync begins')
      await new Promise<void>((resolve) => (letGo = resolve))
    })
    const log = await openEventLog({ dir: folder.dir, files })
    const first = log.append(frameOf('first')).then(() => events.push('first'))
    while (events.length === 0) await new Promise(setImmediate)
    const others = Promise.all(['b', 'c', 'd'].map((value) => log.append(frameOf(value)))).then(
      () => events.push('others'),
    )
    await new Promise(setImmediate)
    expect(events).toEqual(['sync begins'])
    letGo()
    await first
    while (events.length < 3) await new Promise(setImmediate)
    expect(events).toEqual(['sync begins', 'first', 'sync begins'])
    letGo()
    await others
    expect(log.counters()).toMatchObject({ frames: 4, syncs: 2, queuedBytes: 0 })
    await log.close()
  })

  test('a frame whose head is too large is refused alone: those of the same moment are stored', async () => {
    const log = await openEventLog({ dir: folder.dir })
    const position = { stream: 's'.repeat(5_000), partition: 0, epoch: 0, from: 0, next: 1 }
    const results = await Promise.allSettled([
      log.append(frameOf('a')),
      log.append(frameOf('long', { position })),
      log.append(frameOf('b')),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(log.counters()).toMatchObject({ frames: 2, queuedBytes: 0 })
    await log.close()
    expect(await values(1, 2)).toEqual(['a', 'b'])
  })

  test('a thousand frames of one moment are written in several groups, so that no group holds up the loop for long', async () => {
    const log = await openEventLog({ dir: folder.dir })
    const texts = Array.from({ length: 1_000 }, (_, index) => String(index))
    const sequences = await Promise.all(texts.map((text) => log.append(frameOf(text))))
    expect(sequences).toEqual(texts.map((_, index) => index + 1))
    expect(log.counters().syncs).toBe(4)
    await log.close()
    expect(await values(1, 1_000)).toEqual(texts)
  })

  test('syncs the directory before the first frame of a new segment is acknowledged', async () => {
    const operations: string[] = []
    const files = hookedDisk(folder.dir, (operation) => void operations.push(operation))
    const log = await openEventLog({ dir: folder.dir, files })
    await log.append(frameOf('a'))
    expect(operations).toEqual(['create', 'syncNames', 'write', 'sync'])
    await log.close()
  })

  test('refuses a frame above its limit with log.too_large and takes the next one', async () => {
    const log = await openEventLog({ dir: folder.dir, appendBytesMax: 10_000 })
    await expect(log.append(frameOf('x'.repeat(10_000)))).rejects.toMatchObject({
      code: 'log.too_large',
      status: 413,
    })
    expect(await log.append(frameOf('small'))).toBe(1)
    await log.close()
  })

  test('refuses with server.busy when too many bytes wait for the disk, and accepts again afterwards', async () => {
    const log = await openEventLog({ dir: folder.dir, queueBytesMax: 10_000 })
    const waiting = [log.append(frameOf('a')), log.append(frameOf('b'))]
    await expect(log.append(frameOf('c'))).rejects.toMatchObject({
      code: 'server.busy',
      status: 503,
    })
    expect(await Promise.all(waiting)).toEqual([1, 2])
    expect(await log.append(frameOf('c'))).toBe(3)
    await log.close()
  })

  test('ends segments at their size, gives a large frame its own, and loses none', async () => {
    const log = await openEventLog({ dir: folder.dir, segmentBytesMax: 20_000 })
    const wanted = Array.from({ length: 40 }, (_, index) =>
      String(index).repeat(index === 20 ? 30_000 : 500),
    )
    for (const value of wanted) await log.append(frameOf(value))
    expect((await readdir(folder.dir)).length).toBeGreaterThan(3)
    expect(await values(1, 40)).toEqual(wanted)
    await log.close()
  })

  test('rejects after close, having finished what it had accepted', async () => {
    const log = await openEventLog({ dir: folder.dir })
    const accepted = log.append(frameOf('a'))
    await new Promise(setImmediate)
    await log.close()
    expect(await accepted).toBe(1)
    await expect(log.append(frameOf('b'))).rejects.toMatchObject({ code: 'log.unavailable' })
  })
})

describe('a failing disk', () => {
  test('full: rejects with storage.full, then goes on by itself with the same sequence', async () => {
    let isFull = false
    const files = hookedDisk(folder.dir, (operation) => {
      if (isFull && operation === 'write') throw diskError('ENOSPC')
    })
    const log = await openEventLog({ dir: folder.dir, files })
    await log.append(frameOf('a'))
    isFull = true
    await expect(log.append(frameOf('lost'))).rejects.toMatchObject({
      code: 'storage.full',
      status: 507,
    })
    expect(log.durable()).toBe(1)
    isFull = false
    expect(await log.append(frameOf('b'))).toBe(2)
    await log.close()
    expect(await values(1, 2)).toEqual(['a', 'b'])
  })

  test('full while a segment is created: the name is free again afterwards', async () => {
    let isFull = true
    const files = hookedDisk(folder.dir, (operation) => {
      if (isFull && operation === 'syncNames') throw diskError('ENOSPC')
    })
    const log = await openEventLog({ dir: folder.dir, files })
    await expect(log.append(frameOf('lost'))).rejects.toMatchObject({ code: 'storage.full' })
    isFull = false
    expect(await log.append(frameOf('a'))).toBe(1)
    await log.close()
    expect(await values(1, 1)).toEqual(['a'])
  })

  test('a failed sync is never retried on the same file: its frames are rejected and the sequences go to a new file', async () => {
    let fails = false
    const synced: string[] = []
    const files = hookedDisk(folder.dir, (operation, name) => {
      if (operation !== 'sync') return
      synced.push(name)
      if (fails) throw diskError('EIO')
    })
    const log = await openEventLog({ dir: folder.dir, files })
    await log.append(frameOf('a'))
    fails = true
    const failed = [log.append(frameOf('lost 1')), log.append(frameOf('lost 2'))]
    for (const append of failed)
      await expect(append).rejects.toMatchObject({ code: 'log.unavailable', status: 503 })
    fails = false
    expect(await log.append(frameOf('b'))).toBe(2)
    expect(synced).toEqual([
      '00000000000000000001.log',
      '00000000000000000001.log',
      '00000000000000000002.log',
    ])
    // The bytes of the rejected frames still stand in the first file; they are not part of the log.
    expect(await values(1, 2)).toEqual(['a', 'b'])
    await log.close()
    const again = await openEventLog({ dir: folder.dir })
    expect(again.durable()).toBe(2)
    await again.close()
  })

  test('a failed sync of the first frame of a segment: the same name begins anew', async () => {
    let fails = true
    const files = hookedDisk(folder.dir, (operation) => {
      if (fails && operation === 'sync') throw diskError('EIO')
    })
    const log = await openEventLog({ dir: folder.dir, files })
    await expect(log.append(frameOf('lost'))).rejects.toMatchObject({ code: 'log.unavailable' })
    fails = false
    expect(await log.append(frameOf('a'))).toBe(1)
    await log.close()
    expect(await values(1, 1)).toEqual(['a'])
  })

  test('a write that failed half-way and cannot be cut off is left behind for a new file', async () => {
    let fails = false
    const files = hookedDisk(folder.dir, (operation) => {
      if (fails && (operation === 'write' || operation === 'truncate')) throw diskError('EIO')
    })
    const log = await openEventLog({ dir: folder.dir, files })
    await log.append(frameOf('a'))
    fails = true
    await expect(log.append(frameOf('lost'))).rejects.toMatchObject({ code: 'log.unavailable' })
    fails = false
    await log.append(frameOf('b'))
    await log.close()
    expect(await readdir(folder.dir)).toHaveLength(2)
    expect(await values(1, 2)).toEqual(['a', 'b'])
  })
})

describe('opened again', () => {
  test('continues the sequences in the same file', async () => {
    for (const round of [0, 1, 2]) {
      const log = await openEventLog({ dir: folder.dir, onDamage: noDamage })
      expect(await log.append(frameOf(`round ${round}`))).toBe(round + 1)
      await log.close()
    }
    expect(await readdir(folder.dir)).toHaveLength(1)
    expect(await values(1, 3)).toEqual(['round 0', 'round 1', 'round 2'])
  })

  test('syncs what the last process left in the page cache before it is called durable', async () => {
    const log = await openEventLog({ dir: folder.dir })
    await log.append(frameOf('a'))
    await log.close()
    const operations: string[] = []
    const files = hookedDisk(folder.dir, (operation) => void operations.push(operation))
    const again = await openEventLog({ dir: folder.dir, files })
    expect(operations.filter((each) => !/read/i.test(each))).toEqual(['truncate', 'sync'])
    await again.close()
  })

  test.each([2 ** 16 - 2, 2 ** 31 - 2, 2 ** 32 - 2, 2 ** 53 - 6])(
    'counts on past %d',
    async (sequenceAfter) => {
      const wanted = ['a', 'b', 'c', 'd']
      const log = await openEventLog({ dir: folder.dir, sequenceAfter })
      for (const value of wanted) await log.append(frameOf(value))
      expect(log.durable()).toBe(sequenceAfter + 4)
      await log.close()
      const again = await openEventLog({ dir: folder.dir, onDamage: noDamage })
      expect(again.durable()).toBe(sequenceAfter + 4)
      await again.close()
      expect(await values(sequenceAfter + 1, sequenceAfter + 4)).toEqual(wanted)
    },
  )

  test('refuses to count to 2^53', async () => {
    const log = await openEventLog({ dir: folder.dir, sequenceAfter: 2 ** 53 - 2 })
    expect(await log.append(frameOf('a'))).toBe(2 ** 53 - 1)
    await expect(log.append(frameOf('b'))).rejects.toMatchObject({
      code: 'log.unavailable',
      message: expect.stringContaining('2^53') as string,
    })
    await log.close()
  })

  test('never gives a sequence again that was confirmed, even when the files are gone', async () => {
    const log = await openEventLog({ dir: folder.dir, sequenceAfter: 41 })
    expect(await log.append(frameOf('a'))).toBe(42)
    await log.close()
    const reader = openLogReader({ dir: folder.dir, onDamage: noDamage })
    expect((await refsOf(reader, 1, 42)).map((ref) => ref.sequence)).toEqual([42])
    await reader.close()
  })
})
