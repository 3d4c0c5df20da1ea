// A busy log moves on into a segment that was made before, and nobody can tell but the disk.
import { existsSync, statSync } from 'node:fs'
import { cp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EventLog, LogDamage } from './event-log.ts'
import { NEXT_SEGMENT } from './next-segment.ts'
import { openEventLog, type EventLogOptions } from './open-event-log.ts'
import { openLogReader } from './open-log-reader.ts'
import {
  diskError,
  frameOf,
  hookedDisk,
  refsOf,
  tempDir,
  valuesOf,
  type DiskHook,
} from './testing.ts'

const SEGMENT_BYTES = 64 * 1024
const VALUE = 'x'.repeat(4_000)

let dir: string
let remove: () => Promise<void>
const logs: EventLog[] = []
beforeEach(async () => {
  ;({ dir, remove } = await tempDir())
})
afterEach(async () => {
  for (const log of logs.splice(0)) await log.close()
  await remove()
})

/** A log that seems busy: its clock stands still. */
async function opened(options: Partial<EventLogOptions> = {}): Promise<EventLog> {
  const log = await openEventLog({
    ...{ dir, segmentBytesMax: SEGMENT_BYTES, monotonicMs: () => 0 },
    ...options,
  })
  logs.push(log)
  return log
}

const prepared = (): boolean =>
  existsSync(join(dir, NEXT_SEGMENT)) && statSync(join(dir, NEXT_SEGMENT)).size === SEGMENT_BYTES

const segments = async (): Promise<string[]> =>
  (await readdir(dir)).filter((name) => name.endsWith('.log')).sort()

/** Appends until it is so. @returns how many. */
async function appendUntil(log: EventLog, isSo: () => boolean | Promise<boolean>): Promise<number> {
  let count = 0
  while (!(await isSo())) {
    await log.append(frameOf(`${VALUE}${count}`))
    count += 1
  }
  return count
}

async function read(folder: string, upTo: number): Promise<string[]> {
  const reader = openLogReader({ dir: folder, onDamage: () => undefined })
  const frames = []
  for (const ref of await refsOf(reader, 1, upTo)) {
    // Its head may be whole, and its body torn.
    const frame = await reader.read(ref).catch(() => null)
    if (frame !== null) frames.push(frame)
  }
  await reader.close()
  return valuesOf(frames)
}

/** In its second segment, which was made before. @returns the frames so far. */
async function intoSecond(log: EventLog): Promise<number> {
  let count = await appendUntil(log, prepared)
  const [first = ''] = await segments()
  count += await appendUntil(log, async () => (await segments()).length === 2)
  expect(statSync(join(dir, first)).size).toBeLessThanOrEqual(SEGMENT_BYTES)
  return count
}

test('the next segment has its whole size from the first frame on, every frame is read, and nothing of it stays after the end', async () => {
  const log = await opened()
  const count = await intoSecond(log)
  const [, second = ''] = await segments()
  expect(statSync(join(dir, second)).size).toBe(SEGMENT_BYTES)
  expect(await read(dir, count)).toHaveLength(count)
  await log.close()
  expect(await readdir(dir)).toEqual(await segments())
  expect(statSync(join(dir, second)).size).toBeLessThan(SEGMENT_BYTES / 2)
  const again = await opened({ onDamage: (damage) => expect(damage).toBeNull() })
  expect(again.durable()).toBe(count)
  expect(await again.append(frameOf('after'))).toBe(count + 1)
})

test('a segment that is left because the next frame does not fit keeps no zeros', async () => {
  const log = await opened()
  await intoSecond(log)
  await log.append(frameOf('y'.repeat(SEGMENT_BYTES)))
  const [, second = '', third = ''] = await segments()
  expect(third).not.toBe('')
  expect(statSync(join(dir, second)).size).toBeLessThan(SEGMENT_BYTES)
})

test('a kill leaves zeros behind the last frame: no damage, and the log goes on right behind it', async () => {
  const log = await opened()
  const count = await intoSecond(log)
  const killed = `${dir}-killed`
  await cp(dir, killed, { recursive: true })
  await writeFile(join(killed, NEXT_SEGMENT), 'half made')
  const damage: LogDamage[] = []
  const again = await opened({ dir: killed, onDamage: (each) => damage.push(each) })
  expect([again.durable(), damage]).toEqual([count, []])
  expect(existsSync(join(killed, NEXT_SEGMENT))).toBe(false)
  expect(await again.append(frameOf('after'))).toBe(count + 1)
  expect((await read(killed, count + 1)).at(-1)).toBe('after')
  await again.close()
  await rm(killed, { recursive: true })
})

test('a last frame that is torn anywhere within the zeros costs that frame only', async () => {
  const log = await opened()
  const before = await intoSecond(log)
  await log.append(frameOf('whole'))
  const [, second = ''] = await segments()
  const file = await open(join(dir, second), 'r')
  const bytes = Buffer.alloc(SEGMENT_BYTES)
  await file.read(bytes, 0, SEGMENT_BYTES, 0)
  await file.close()
  let end = SEGMENT_BYTES
  while (bytes[end - 1] === 0) end -= 1
  const begin = bytes.lastIndexOf(Buffer.from([0xf5, 0x53, 0x50]))
  const torn = `${dir}-torn`
  for (let kept = begin; kept < end; kept += 7) {
    await cp(dir, torn, { recursive: true, force: true })
    const cut = Buffer.from(bytes)
    cut.fill(0, kept, end)
    await writeFile(join(torn, second), cut)
    const again = await openEventLog({ dir: torn, segmentBytesMax: SEGMENT_BYTES })
    const next = await again.append(frameOf('next'))
    await again.close()
    // Where nothing of it is left, nobody can know that it was there.
    expect(next).toBe(kept === begin ? before + 1 : before + 2)
    const values = await read(torn, next)
    expect(values).toHaveLength(before + 1)
    expect(values.at(-1)).toBe('next')
    await rm(torn, { recursive: true })
  }
})

test.each<[string, DiskHook]>([
  ['no space for it', (operation, name) => failOn(operation === 'write' && name === NEXT_SEGMENT)],
  ['its sync fails', (operation, name) => failOn(operation === 'sync' && name === NEXT_SEGMENT)],
  [
    'it cannot be created',
    (operation, name) => failOn(operation === 'create' && name === NEXT_SEGMENT),
  ],
])('%s: segments begin as ever, and it leaves nothing', async (_, hook) => {
  let tried = 0
  const files = hookedDisk(dir, (...asked) => {
    if (asked[1] === NEXT_SEGMENT) tried += 1
    return hook(...asked)
  })
  const log = await opened({ files })
  const count = await appendUntil(log, async () => (await segments()).length === 3)
  expect(tried).toBeGreaterThan(0)
  expect(await read(dir, count)).toHaveLength(count)
  await log.close()
  expect(existsSync(join(dir, NEXT_SEGMENT))).toBe(false)
})

test.each<[string, Partial<EventLogOptions>]>([
  ['a log that fills slowly', { monotonicMs: slowClock() }],
  ['a log that has little room', { keeping: { logBytesMax: 7 * SEGMENT_BYTES } }],
  ['a disk that has little room', { keeping: { freeBytesMin: 0 } }],
  ['a disk of which much is to stay free', { keeping: { freeBytesMin: 100 * SEGMENT_BYTES } }],
])('%s makes none', async (_, options) => {
  const names: string[] = []
  const files = hookedDisk(dir, (operation, name) => {
    if (operation === 'create') names.push(name)
  })
  const { freeBytesMin } = options.keeping ?? {}
  if (typeof freeBytesMin === 'number')
    files.space = () =>
      Promise.resolve({ freeBytes: freeBytesMin + 7 * SEGMENT_BYTES, diskBytes: 1e9 })
  const log = await opened({ files, ...options })
  await appendUntil(log, async () => (await segments()).length === 3)
  expect(names).not.toContain(NEXT_SEGMENT)
})

function failOn(isFailing: boolean): void {
  if (isFailing) throw diskError('ENOSPC')
}

function slowClock(): () => number {
  let ms = 0
  return () => (ms += 60_000)
}
