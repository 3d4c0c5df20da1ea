// What a damaged disk may cost: the frames it hit, never a neighbour, never the start.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogDamage } from './event-log.ts'
import { frameBytes, decodeHeader } from './frame-bytes.ts'
import { openEventLog } from './open-event-log.ts'
import { openLogReader } from './open-log-reader.ts'
import { frameOf, framesOf, hookedDisk, refsOf, tempDir, valuesOf } from './testing.ts'

const SEGMENT = '00000000000000000001.log'

let folder: Awaited<ReturnType<typeof tempDir>>
beforeEach(async () => {
  folder = await tempDir()
})
afterEach(() => folder.remove())

/** A log of these values; gives the bytes of its only segment and where each frame begins. */
async function written(values: readonly string[]): Promise<{ bytes: Buffer; starts: number[] }> {
  const log = await openEventLog({ dir: folder.dir })
  for (const value of values) await log.append(frameOf(value))
  await log.close()
  const file = await readFile(join(folder.dir, SEGMENT))
  const starts: number[] = []
  let at = 0
  for (let header = decodeHeader(file); header !== null && starts.length < values.length;) {
    starts.push(at)
    at += frameBytes(header)
    header = decodeHeader(file.subarray(at, at + 32))
  }
  return { bytes: file.subarray(0, at), starts }
}

const put = (bytes: Buffer): Promise<void> => writeFile(join(folder.dir, SEGMENT), bytes)

/** Opens the log over what is on disk, appends one frame and reads everything that is readable. */
async function reopened(): Promise<{ values: string[]; sequences: number[]; damage: LogDamage[] }> {
  const damage: LogDamage[] = []
  const log = await openEventLog({ dir: folder.dir, onDamage: (found) => damage.push(found) })
  await log.append(frameOf('after'))
  const reader = openLogReader({ dir: folder.dir, onDamage: (found) => damage.push(found) })
  const frames = []
  for (const ref of await refsOf(reader, 1, log.durable())) {
    const frame = await reader.read(ref).catch(() => null)
    if (frame !== null) frames.push(frame)
  }
  await reader.close()
  await log.close()
  return { values: valuesOf(frames), sequences: frames.map((frame) => frame.sequence), damage }
}

test('a tail torn at every byte of the last frame costs that frame only, and its sequence is not given again', async () => {
  const { bytes, starts } = await written(['a', 'b', 'the last one'])
  const lastStart = starts[2]!
  for (let end = lastStart + 1; end < bytes.length; end += 1) {
    await folder.remove()
    folder = await tempDir()
    await put(bytes.subarray(0, end))
    const { values, sequences, damage } = await reopened()
    expect(values, `cut at ${end}`).toEqual(['a', 'b', 'after'])
    expect(sequences).toEqual([1, 2, 4])
    expect(damage[0]).toMatchObject({ offset: lastStart, sequences: { from: 3, to: 3 } })
  }
}, 60_000)

test('the whole frames before a torn tail are synced before they are announced durable', async () => {
  const { bytes } = await written(['only in the page cache', 'torn'])
  await put(bytes.subarray(0, -1))
  const synced: string[] = []
  const files = hookedDisk(folder.dir, (operation, name) => {
    if (operation === 'sync') synced.push(name)
  })
  const log = await openEventLog({ dir: folder.dir, files })
  expect(log.durable()).toBe(2)
  expect(synced).toEqual([SEGMENT])
  await log.close()
})

test('a log cut between two frames goes on there without a word', async () => {
  const { bytes, starts } = await written(['a', 'b', 'c'])
  await put(bytes.subarray(0, starts[2]))
  expect(await reopened()).toEqual({
    values: ['a', 'b', 'after'],
    sequences: [1, 2, 3],
    damage: [],
  })
})

test('zeros after the last frame are no damage', async () => {
  const { bytes } = await written(['a'])
  await put(Buffer.concat([bytes, Buffer.alloc(600_000)]))
  expect(await reopened()).toEqual({ values: ['a', 'after'], sequences: [1, 2], damage: [] })
})

test('a flipped bit anywhere costs exactly the frame it is in, and is reported', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `value ${index} ${'x'.repeat(index * 40)}`)
  const { bytes, starts } = await written(names)
  const random = seeded(20_261_121)
  for (let round = 0; round < 200; round += 1) {
    const offset = Math.floor(random() * bytes.length)
    const flipped = Buffer.from(bytes)
    flipped[offset]! ^= 1 << Math.floor(random() * 8)
    const hit = starts.findLastIndex((start) => start <= offset)
    await folder.remove()
    folder = await tempDir()
    await put(flipped)
    const { values, damage } = await reopened()
    const kept = names.filter((_, index) => index !== hit)
    expect(values, `bit flip at ${offset} in frame ${hit + 1}`).toEqual([...kept, 'after'])
    expect(damage.length).toBeGreaterThan(0)
  }
}, 60_000)

test('a body damaged in the last segment is told at the start already', async () => {
  const { bytes, starts } = await written(['a', 'b', 'c'])
  const broken = Buffer.from(bytes)
  broken[starts[1]! - 3]! ^= 1
  await put(broken)
  const damage: LogDamage[] = []
  const log = await openEventLog({ dir: folder.dir, onDamage: (found) => damage.push(found) })
  expect(damage).toMatchObject([{ offset: 0, bytes: starts[1], reason: 'unreadable' }])
  expect(log.durable()).toBe(3)
  await log.close()
})

test('damage across window and block borders is stepped over', async () => {
  const names = ['a', 'b'.repeat(600_000), 'c', 'd'.repeat(300_000), 'e']
  const { bytes, starts } = await written(names)
  const broken = Buffer.from(bytes)
  broken.fill(0, starts[1]! + 10, starts[1]! + 400_000)
  await put(broken)
  const { values, damage } = await reopened()
  expect(values).toEqual(['a', names[2], names[3], 'e', 'after'])
  expect(damage.some((found) => found.sequences?.from === 2 && found.sequences.to === 2)).toBe(true)
})

test('an event that carries the bytes of a frame is not taken for one', async () => {
  const { bytes } = await written(['inner'])
  await folder.remove()
  folder = await tempDir()
  const { bytes: outer, starts } = await written(['a', bytes.toString('latin1'), 'c'])
  const broken = Buffer.from(outer)
  broken[starts[1]! + 9]! ^= 1
  await put(broken)
  expect((await reopened()).values).toEqual(['a', 'c', 'after'])
})

describe('the reader', () => {
  test('a body that no longer matches is a fault for its reader and told once; the neighbours are read', async () => {
    const { bytes, starts } = await written(['a', 'b', 'c'])
    const broken = Buffer.from(bytes)
    broken[starts[2]! - 3]! ^= 1
    await put(broken)
    const damage: LogDamage[] = []
    const reader = openLogReader({ dir: folder.dir, onDamage: (found) => damage.push(found) })
    const refs = await refsOf(reader, 1, 3)
    expect(valuesOf([await reader.read(refs[0]!), await reader.read(refs[2]!)])).toEqual(['a', 'c'])
    await expect(reader.read(refs[1]!)).rejects.toMatchObject({ code: 'log.unavailable' })
    await expect(reader.read(refs[1]!)).rejects.toMatchObject({ code: 'log.unavailable' })
    expect(damage).toEqual([
      {
        segment: SEGMENT,
        offset: starts[1],
        bytes: starts[2]! - starts[1]!,
        sequences: { from: 2, to: 2 },
        reason: 'body',
      },
    ])
    await reader.close()
  })

  test('a missing segment in the middle is reported with its sequences and the rest is read', async () => {
    const log = await openEventLog({ dir: folder.dir, segmentBytesMax: 6_000 })
    for (const value of ['a', 'b', 'c']) await log.append(frameOf(value.repeat(2_000)))
    await log.close()
    await writeFile(join(folder.dir, '00000000000000000002.log'), '')
    const damage: LogDamage[] = []
    const reader = openLogReader({ dir: folder.dir, onDamage: (found) => damage.push(found) })
    expect((await refsOf(reader, 1, 3)).map((ref) => ref.sequence)).toEqual([1, 3])
    expect(damage).toMatchObject([{ sequences: { from: 2, to: 2 }, reason: 'missing' }])
    await reader.close()
  })

  test('reads on while the log is appended to, and never above what it was asked for', async () => {
    const log = await openEventLog({ dir: folder.dir, segmentBytesMax: 30_000 })
    const reader = openLogReader({
      dir: folder.dir,
      onDamage: (found) => expect(found).toBeUndefined(),
    })
    const seen: string[] = []
    for (let round = 0; round < 60; round += 1) {
      const before = log.durable()
      const appends = ['x', 'y', 'z'].map((value) =>
        log.append(frameOf(`${round}${value}${'-'.repeat(300)}`)),
      )
      await appends[0]
      expect(await refsOf(reader, before + 1, before)).toEqual([])
      const upTo = log.durable()
      const frames = await framesOf(reader, seen.length + 1, upTo)
      expect(frames.at(-1)?.sequence).toBe(upTo)
      seen.push(...valuesOf(frames).map((value) => value.replaceAll('-', '')))
      await Promise.all(appends)
    }
    seen.push(
      ...valuesOf(await framesOf(reader, seen.length + 1, log.durable())).map((value) =>
        value.replaceAll('-', ''),
      ),
    )
    expect(seen).toEqual(
      Array.from({ length: 60 }, (_, round) =>
        ['x', 'y', 'z'].map((value) => `${round}${value}`),
      ).flat(),
    )
    await reader.close()
    await log.close()
  })

  test('a scan ends when its signal aborts', async () => {
    await written(['a', 'b', 'c'])
    const reader = openLogReader({
      dir: folder.dir,
      onDamage: (found) => expect(found).toBeUndefined(),
    })
    const abort = new AbortController()
    const seen: number[] = []
    for await (const ref of reader.scan(1, 3, abort.signal)) {
      seen.push(ref.sequence)
      abort.abort()
    }
    expect(seen).toEqual([1])
    await reader.close()
  })
})

/** A small repeatable generator (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
