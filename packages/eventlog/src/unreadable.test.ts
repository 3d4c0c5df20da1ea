// A disk that cannot read some places any more: the frames there are lost and reported, all others are read. What is only in the way
// for a moment costs nothing.
import { readFile, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EventLogReader, LogDamage } from './event-log.ts'
import { openEventLog } from './open-event-log.ts'
import { openLogReader } from './open-log-reader.ts'
import {
  diskError,
  type DiskHook,
  frameOf,
  hookedDisk,
  refsOf,
  tempDir,
  valuesOf,
} from './testing.ts'

let folder: Awaited<ReturnType<typeof tempDir>>
let damage: LogDamage[]
let reader: EventLogReader
beforeEach(async () => {
  folder = await tempDir()
  damage = []
})
afterEach(async () => {
  await reader.close()
  await folder.remove()
})

const nameOf = (sequence: number): string => `${String(sequence).padStart(20, '0')}.log`

async function written(values: readonly string[], segmentBytesMax = 1_000_000): Promise<void> {
  const log = await openEventLog({ dir: folder.dir, segmentBytesMax })
  for (const value of values) await log.append(frameOf(value))
  await log.close()
}

function read(hook: DiskHook): void {
  const files = hookedDisk(folder.dir, hook)
  const onDamage = (found: LogDamage): void => void damage.push(found)
  reader = openLogReader({ dir: folder.dir, files, onDamage, readRetriesMs: [0, 0] })
}

/** The values that can be read, with `null` for a frame whose head alone can. */
async function readable(upTo: number): Promise<(string | null)[]> {
  const values: (string | null)[] = []
  for (const ref of await refsOf(reader, 1, upTo)) {
    const frame = await reader.read(ref).catch(() => null)
    values.push(frame === null ? null : (valuesOf([frame])[0] ?? null))
  }
  return values
}

describe('for good', () => {
  test('a page: only the frames in it are lost, and told with their sequences', async () => {
    const values = Array.from({ length: 40 }, (_, index) => `${index}`.repeat(300))
    await written(values)
    const bytes = await readFile(join(folder.dir, nameOf(1)))
    const bad = bytes.indexOf(values[20] ?? '') & ~4095
    read((operation, _name, position, length) => {
      if (operation === 'read' && position < bad + 4_096 && position + length > bad)
        throw diskError('EIO')
    })
    const found = await readable(40)
    const lost = values.filter((value) => !found.includes(value))
    expect(lost).toContain(values[20])
    // A page holds a few of these frames, no more.
    expect(lost.length).toBeLessThan(10)
    expect(damage[0]).toMatchObject({ segment: nameOf(1), offset: bad, bytes: 4_096 })
    const told = damage.flatMap(({ sequences }) => (sequences === null ? [] : [sequences]))
    const sequences = told.flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index),
    )
    expect(new Set(sequences)).toEqual(new Set(lost.map((value) => values.indexOf(value) + 1)))
  })

  test('a whole segment, or its very name: its frames are lost, those of the others are read', async () => {
    await written(
      ['a', 'b', 'c', 'd'].map((value) => value.repeat(5_000)),
      6_000,
    )
    read((operation, name) => {
      if (operation === 'read' && name === nameOf(2)) throw diskError('EIO')
      if (operation === 'openToRead' && name === nameOf(3)) throw diskError('EIO')
    })
    const found = (await readable(4)).map((value) => value?.[0])
    expect(found).toEqual(['a', 'd'])
    expect(damage.filter(({ reason }) => reason === 'missing')).toMatchObject([
      { segment: nameOf(2), sequences: { from: 2, to: 2 } },
      { segment: nameOf(3), sequences: { from: 3, to: 3 } },
    ])
  })

  test('a place of a body: its frame is told as damaged, with its head', async () => {
    await written(['a', 'b'.repeat(400_000), 'c'])
    read((operation, _name, position, length) => {
      if (operation === 'read' && position < 200_000 && position + length > 199_000)
        throw diskError('EIO')
    })
    expect(await readable(3)).toEqual(['a', null, 'c'])
    expect(damage.at(-1)).toMatchObject({ reason: 'body', sequences: { from: 2, to: 2 } })
  })
})

describe('for a moment', () => {
  test('a read that works at the next try costs nothing and is not told', async () => {
    await written(['a', 'b'])
    let fails = 2
    read((operation) => {
      if (operation === 'read' && fails > 0) {
        fails -= 1
        throw diskError('EIO')
      }
    })
    expect(await readable(2)).toEqual(['a', 'b'])
    expect(damage).toEqual([])
  })

  test.each(['EMFILE', 'EACCES'] as const)(
    '%s at the opening of a segment is told to the caller and is no damage: the next scan reads all',
    async (code) => {
      await written(['a', 'b'])
      let fails = true
      read((operation) => {
        if (operation === 'openToRead' && fails) throw diskError(code)
      })
      await expect(readable(2)).rejects.toMatchObject({ code: 'log.unavailable' })
      expect(damage).toEqual([])
      fails = false
      expect(await readable(2)).toEqual(['a', 'b'])
    },
  )
})

describe('files that are not what they were', () => {
  const large = (): string[] => ['a', 'b', 'c', 'd'].map((value) => value.repeat(5_000))

  test('a segment filled with zeros, and one that is gone: their frames are told as missing, the rest is read', async () => {
    await written(large(), 6_000)
    const path = join(folder.dir, nameOf(2))
    const { size } = await stat(path)
    await truncate(path, 0)
    await truncate(path, size)
    await rm(join(folder.dir, nameOf(3)))
    read(() => undefined)
    expect((await readable(4)).map((value) => value?.[0])).toEqual(['a', 'd'])
    expect(damage).toMatchObject([{ reason: 'missing', sequences: { from: 2, to: 3 } }])
  })

  test('the last segment filled with zeros: the log opens, and gives no sequence twice that is known to others', async () => {
    await written(large(), 6_000)
    const path = join(folder.dir, nameOf(4))
    const { size } = await stat(path)
    await truncate(path, 0)
    await truncate(path, size)
    const log = await openEventLog({ dir: folder.dir, sequenceAfter: 4 })
    expect(await log.append(frameOf('after'))).toBe(5)
    await log.close()
    read(() => undefined)
    expect((await readable(5)).map((value) => value?.[0])).toEqual(['a', 'b', 'c', 'a'])
    expect(damage).toMatchObject([{ reason: 'missing', sequences: { from: 4, to: 4 } }])
  })

  test('every file gone: the log opens empty above what is known to others', async () => {
    await written(['a'])
    await rm(join(folder.dir, nameOf(1)))
    const log = await openEventLog({ dir: folder.dir, sequenceAfter: 1 })
    expect(await log.append(frameOf('b'))).toBe(2)
    await log.close()
    read(() => undefined)
    expect(await readable(2)).toEqual(['b'])
  })
})

test('a log much larger than what may be in memory is read through a few blocks', async () => {
  const MIB = 1024 * 1024
  const log = await openEventLog({ dir: folder.dir, segmentBytesMax: 4 * MIB })
  await Promise.all(
    Array.from({ length: 600 }, (_, index) => log.append(frameOf(`${index % 10}`.repeat(200_000)))),
  )
  await log.close()
  read(() => undefined)
  let heldMax = 0
  let readBytes = 0
  for await (const ref of reader.scan(1, 600, new AbortController().signal)) {
    readBytes += (await reader.read(ref)).rows.length
    heldMax = Math.max(heldMax, reader.heldBytes())
  }
  for await (const head of reader.heads(1, 600, new AbortController().signal)) {
    expect(head.rowCount).toBe(1)
    heldMax = Math.max(heldMax, reader.heldBytes())
  }
  expect(readBytes).toBeGreaterThan(110 * MIB)
  expect(heldMax).toBeGreaterThan(0)
  expect(heldMax).toBeLessThanOrEqual(9 * 4 * MIB)
  await reader.close()
  expect(reader.heldBytes()).toBe(0)
}, 60_000)
