// How long keys are remembered.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { KeyEntry } from './key-record.ts'
import { type KeyIndex, openKeyIndex } from './key-index.ts'
import { idOf, keyHashOf } from './key-id.ts'
import { steadyClock } from './steady-clock.ts'
import { OTHER_WORKSPACE, tempDir, WORKSPACE } from './testing.ts'

let folder: Awaited<ReturnType<typeof tempDir>>
let index: KeyIndex
let now: number
let retention: { ageMsMax: number; keysMax: number }
beforeEach(async () => {
  folder = await tempDir()
  now = 1_763_700_000_000
  retention = { ageMsMax: 1_000, keysMax: 10 }
  index = await opened()
})
afterEach(async () => {
  await index.close()
  await folder.remove()
})

const opened = (
  deletingNow: () => number | null = () => now,
  runKeys = 32_768,
): Promise<KeyIndex> =>
  openKeyIndex({ dir: folder.dir, retention, runKeys, now: () => now, deletingNow })
const idOfKey = (key: string, workspace = WORKSPACE): string =>
  idOf(workspace, keyHashOf('internal', key))
const entry = (key: string, sequence: number, changes: Partial<KeyEntry> = {}): KeyEntry => ({
  id: idOfKey(key),
  bodyHash: 'b'.repeat(32),
  sequence,
  dataSourceId: `t_${'a'.repeat(32)}`,
  rowCount: 1,
  refusedCount: 0,
  arrivedAtMs: now,
  ...changes,
})
async function found(keys: readonly string[]): Promise<string[]> {
  const known: string[] = []
  for (const key of keys) if ((await index.find(idOfKey(key))) !== null) known.push(key)
  return known
}
const names = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `k${from + at}`)

async function addAll(from: number, to: number): Promise<void> {
  for (let sequence = from; sequence <= to; sequence += 1)
    index.add(entry(`k${sequence}`, sequence))
  await index.flush(to)
}

test('a key is forgotten when its time is over, also while its record is still there', async () => {
  await addAll(1, 3)
  now += 999
  expect(await found(names(1, 3))).toEqual(names(1, 3))
  now += 1
  expect(await found(names(1, 3))).toEqual([])
  await addAll(4, 4)
  expect(index.counters).toMatchObject({ expired: 3, forgottenEarly: 0 })
})

test('of more keys than a workspace may have the oldest are forgotten and counted, those of others are not', async () => {
  index.add(entry('other', 1, { id: idOfKey('other', OTHER_WORKSPACE) }))
  await addAll(2, 11)
  expect(await found(names(2, 11))).toEqual(names(2, 11))
  await addAll(12, 15)
  expect(await found(names(2, 15))).toEqual(names(6, 15))
  expect(await index.find(idOfKey('other', OTHER_WORKSPACE))).not.toBeNull()
  expect(index.counters).toMatchObject({ expired: 0, forgottenEarly: 4 })
})

test('the count of a workspace is right after the index is opened again', async () => {
  await addAll(1, 10)
  await index.close()
  index = await opened()
  await addAll(11, 12)
  expect(await found(names(1, 12))).toEqual(names(3, 12))
})

test('a key that is used again after its time is remembered from then on, and its former place does not end it', async () => {
  await addAll(1, 2)
  now += 2_000
  index.add(entry('k1', 3))
  await index.flush(3)
  index.add(entry('k4', 4))
  await index.flush(4)
  expect(await index.find(idOfKey('k1'))).toMatchObject({ sequence: 3 })
  expect(index.counters).toMatchObject({ expired: 2, forgottenEarly: 0 })
})

test('workspaces that are quiet lose their old keys too', async () => {
  for (let at = 1; at <= 20; at += 1) {
    const workspace = `${String(at).padStart(8, '0')}-6c7e-4c38-9f0e-5f2f6f3f6a10`
    index.add(entry('k', at, { id: idOfKey('k', workspace) }))
  }
  await index.flush(20)
  now += 2_000
  for (let flush = 1; flush <= 10; flush += 1) await index.flush(20 + flush)
  expect(index.counters.expired).toBe(20)
})

test('a clock that is ahead for a moment, or when it starts, makes nothing be forgotten once it is right again', async () => {
  await index.close()
  let elapsed = 0
  const steady = (): (() => number | null) =>
    steadyClock(
      () => now,
      () => elapsed,
    )
  // Nothing is too old before an hour.
  retention.ageMsMax = 4 * 3_600_000
  index = await opened(steady(), 2)
  for (let sequence = 1; sequence <= 8; sequence += 2) await addAll(sequence, sequence + 1)
  const pass = async (ms: number): Promise<void> => {
    now += ms
    elapsed += ms
    await index.flush(8)
    await index.settled()
  }
  await pass(3_600_000)
  const jump = 10 * 24 * 3_600_000
  now += jump
  await pass(61_000)
  await index.close()
  // Still ahead.
  index = await opened(steady(), 2)
  await pass(61_000)
  now -= jump
  expect(await found(names(1, 8))).toEqual(names(1, 8))
  await index.close()
  index = await opened(steady(), 2)
  expect(await found(names(1, 8))).toEqual(names(1, 8))
  // Right for hours: what is too old goes.
  await pass(3_600_000)
  for (let minute = 0; minute < 4 * 60; minute += 1) await pass(60_000)
  expect(index.counters).toMatchObject({ expired: 8, forgottenEarly: 0 })
})
