// Which segments go, and what happens when the room ends. What is not confirmed never goes.
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectLink } from './connect-link.ts'
import type { LogDamage } from './event-log.ts'
import { diskFiles, type LogFiles, type SpaceOfDisk } from './log-files.ts'
import { createSpaceKeeper, LOG_KEEPING, type LogKeeping, type SpaceKeeper } from './log-space.ts'
import { openEventLog } from './open-event-log.ts'
import { openLogReader } from './open-log-reader.ts'
import { frameOf, refsOf, tempDir } from './testing.ts'

const MIB = 1024 * 1024
const VALUE = 'x'.repeat(5_000)

let folder: Awaited<ReturnType<typeof tempDir>>
let keeper: SpaceKeeper
let disk: SpaceOfDisk
let now: number
beforeEach(async () => {
  folder = await tempDir()
  disk = { freeBytes: 100_000 * MIB, diskBytes: 200_000 * MIB }
  now = Date.now()
})
afterEach(async () => {
  await keeper.close()
  await folder.remove()
})

const filesOf = (): LogFiles => ({
  ...diskFiles(folder.dir),
  // eslint-disable-next-line @typescript-eslint/require-await -- a getter that throws rejects
  space: async () => ({ ...disk }),
})

/** A folder of as many frames, each in a segment of its own, and who keeps it. */
async function opened(
  frames: number,
  keeping: Partial<LogKeeping> = {},
  keepFrom: () => number = () => Number.MAX_SAFE_INTEGER,
): Promise<void> {
  const log = await openEventLog({ dir: folder.dir, segmentBytesMax: 6_000 })
  for (let at = 0; at < frames; at += 1) await log.append(frameOf(VALUE))
  await log.close()
  keeper = createSpaceKeeper({
    files: filesOf(),
    keeping: { ...LOG_KEEPING, ...keeping },
    keepFrom,
    now: () => now,
  })
  await keeper.look()
}

const names = async (): Promise<number[]> =>
  (await readdir(folder.dir)).sort().map((name) => Number(name.slice(0, 20)))

async function confirmedBelow(sequence: number, wantedFrom?: number): Promise<void> {
  keeper.confirmedBelow(sequence, wantedFrom)
  await keeper.look()
}

describe('confirmed segments', () => {
  test('go at once, the one that is written to and what is not confirmed stay', async () => {
    await opened(5)
    expect(await names()).toEqual([1, 2, 3, 4, 5])
    await confirmedBelow(3)
    expect(await names()).toEqual([3, 4, 5])
    await confirmedBelow(2)
    expect(await names()).toEqual([3, 4, 5])
    await confirmedBelow(1_000)
    expect(await names()).toEqual([5])
    expect(keeper.space()).toMatchObject({ dropped: 4, refusal: null, confirmedBytes: 0 })
  })

  test('stay while somebody else needs them', async () => {
    let needed = 2
    await opened(5, {}, () => needed)
    await confirmedBelow(5)
    expect(await names()).toEqual([2, 3, 4, 5])
    needed = 4
    await confirmedBelow(5)
    expect(await names()).toEqual([4, 5])
  })

  test('stay as long as was asked for', async () => {
    await opened(4, { keepMs: 3_600_000 })
    await confirmedBelow(3)
    expect(await names()).toEqual([1, 2, 3, 4])
    now += 3_600_000 + 60_000
    await keeper.look()
    expect(await names()).toEqual([3, 4])
  })

  test('beyond the bytes that were asked for go, the oldest first', async () => {
    await opened(6, { keepMs: 3_600_000, keepBytesMax: 12_000 })
    await confirmedBelow(6)
    expect(await names()).toEqual([4, 5, 6])
    expect(keeper.space().confirmedBytes).toBeLessThanOrEqual(12_000)
  })

  test('go before anything is refused when the disk is nearly full', async () => {
    await opened(4, { keepMs: 3_600_000 })
    await confirmedBelow(4)
    disk = { ...disk, freeBytes: 511 * MIB }
    await keeper.look()
    expect(await names()).toEqual([4])
  })

  test('that a failing view wants stay while there is room, and are given up before anything is refused', async () => {
    await opened(6, { freeBytesMin: 1_000 })
    await confirmedBelow(5, 3)
    expect(await names()).toEqual([3, 4, 5, 6])
    disk = { ...disk, freeBytes: 999 }
    await keeper.look()
    expect(await names()).toEqual([5, 6])
    disk = { ...disk, freeBytes: 1_000 }
    await confirmedBelow(6, 6)
    expect(await names()).toEqual([6])
  })

  test('that are damaged go like the others, and a reader goes on with what is left', async () => {
    await opened(5)
    const damage: LogDamage[] = []
    const reader = openLogReader({ dir: folder.dir, onDamage: (found) => damage.push(found) })
    await writeFile(join(folder.dir, '00000000000000000002.log'), Buffer.alloc(4_000, 'x'))
    await writeFile(join(folder.dir, '00000000000000000004.log'), Buffer.alloc(4_000))
    expect((await refsOf(reader, 1, 5)).map((ref) => ref.sequence)).toEqual([1, 3, 5])
    expect(damage).toMatchObject([
      { reason: 'unreadable', bytes: 4_000 },
      { reason: 'missing', sequences: { from: 2, to: 2 } },
      { reason: 'missing', sequences: { from: 4, to: 4 } },
    ])
    await confirmedBelow(4)
    expect(await names()).toEqual([4, 5])
    damage.length = 0
    expect((await refsOf(reader, 1, 5)).map((ref) => ref.sequence)).toEqual([5])
    expect(damage).toEqual([])
    await reader.close()
  })
})

describe('when the room ends', () => {
  const refused = expect.objectContaining({ code: 'storage.full', status: 507 }) as unknown
  const outcome = (): unknown => {
    try {
      keeper.check()
      return 'taken'
    } catch (error) {
      return error
    }
  }

  test('of the disk, appends are refused, nothing unconfirmed goes, and it goes on by itself', async () => {
    await opened(3, { freeBytesMin: 1_000 })
    expect(outcome()).toBe('taken')
    disk = { ...disk, freeBytes: 999 }
    keeper.written(100 * MIB)
    await keeper.look()
    expect(outcome()).toEqual(refused)
    expect(outcome()).toMatchObject({ details: { headers: { 'Retry-After': '5' } } })
    expect(await names()).toEqual([1, 2, 3])
    disk = { ...disk, freeBytes: 1_000 }
    now += 2_000
    // It is an append that is refused that looks again.
    expect(outcome()).toEqual(refused)
    await keeper.look()
    expect(outcome()).toBe('taken')
  })

  test('of the log, appends are refused until the writer has confirmed enough', async () => {
    await opened(5, { logBytesMax: 12_000, keepMs: 3_600_000 })
    expect(keeper.space().refusal).toBe('log')
    expect(outcome()).toEqual(refused)
    await confirmedBelow(3)
    expect(outcome()).toEqual(refused)
    expect(await names()).toEqual([3, 4, 5])
    await confirmedBelow(4)
    expect(outcome()).toBe('taken')
    expect(await names()).toEqual([4, 5])
  })

  test('a small disk keeps two hundredths free, a large one 512 MiB', async () => {
    await opened(1)
    const refusalWith = async (freeBytes: number, diskBytes: number): Promise<unknown> => {
      disk = { freeBytes, diskBytes }
      await keeper.look()
      return keeper.space().refusal
    }
    expect(await refusalWith(1_280, 64_000)).toBeNull()
    expect(await refusalWith(1_279, 64_000)).toBe('disk')
    expect(await refusalWith(512 * MIB, 1_000_000 * MIB)).toBeNull()
    expect(await refusalWith(512 * MIB - 1, 1_000_000 * MIB)).toBe('disk')
  })

  test('a disk that cannot tell its space is no reason to refuse', async () => {
    await opened(1)
    disk = {
      diskBytes: 0,
      get freeBytes(): number {
        throw new Error('no statfs here')
      },
    }
    await keeper.look()
    expect(outcome()).toBe('taken')
  })
})

test('the log refuses appends while there is no room, and what the writer needs no more goes over the link', async () => {
  const socketPath = join(folder.dir, 's')
  const dir = join(folder.dir, 'log')
  disk = { ...disk, freeBytes: 0 }
  await opened(0)
  const files = { ...diskFiles(dir), space: () => Promise.resolve(disk) }
  const log = await openEventLog({ dir, files, socketPath, segmentBytesMax: 6_000, now: () => now })
  await expect(log.append(frameOf('no'))).rejects.toMatchObject({ code: 'storage.full' })
  disk = { ...disk, freeBytes: 100_000 * MIB }
  now += 2_000
  while (log.space().refusal !== null) {
    now += 2_000
    await log.append(frameOf(VALUE)).catch(() => undefined)
    await new Promise(setImmediate)
  }
  for (let at = 0; at < 3; at += 1) await log.append(frameOf(VALUE))
  const writer = await connectLink({ socketPath })
  const last = log.durable()
  writer.publishUnneeded(last)
  while (log.space().dropped < last - 1) await new Promise(setImmediate)
  const names = (await readdir(dir)).filter((name) => name.endsWith('.log'))
  expect(names).toEqual([`${String(last).padStart(20, '0')}.log`])
  await writer.close()
  await log.close()
})
