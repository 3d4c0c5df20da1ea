// What a key costs whose file cannot be read or is not what was written: never a second copy of its events.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DamagedIndex } from './damaged-index.ts'
import { bodyHash } from './body-hash.ts'
import type { KeyedBody } from './idempotent-log.ts'
import { diskKeyFiles, type KeyFiles } from './key-files.ts'
import { openKeyIndex } from './key-index.ts'
import { ModelDisk } from './model-disk.fixture.ts'
import { NOW, numberedEntry, testRetention } from './testing-index.ts'
import { frameOf, NEVER, openWorld, tempDir, WORKSPACE } from './testing.ts'

const KEYS = 200
const RUN = '0000000000000000-0000000000000200.keys'

let folder: Awaited<ReturnType<typeof tempDir>>
beforeEach(async () => {
  folder = await tempDir()
})
afterEach(() => folder.remove())

const options = {
  ...{ retention: testRetention, runKeys: KEYS },
  now: () => NOW,
}

/** An index with one run of 200 keys, closed. */
async function withRun(files?: ModelDisk): Promise<void> {
  const index = await openKeyIndex({
    ...{ ...options, dir: folder.dir },
    ...(files === undefined ? {} : { files }),
  })
  for (let sequence = 1; sequence <= KEYS; sequence += 1) index.add(numberedEntry(sequence))
  await index.flush(KEYS)
  await index.close()
}

test('a request whose key cannot be looked up is 503 with Retry-After and stores nothing; afterwards it is a replay', async () => {
  const disk = new ModelDisk(() => 0.5)
  await withRun(disk)
  const world = await openWorld(folder.dir, { files: disk })
  const used: KeyedBody = {
    ...{ workspaceId: WORKSPACE, key: 'k7', bodyHash: 'b'.repeat(32) },
    space: 'events',
  }
  const free = { ...used, key: 'free', bodyHash: await bodyHash(['free']) }
  disk.failing = () => 1
  await expect(world.keys.appendOnce(frameOf('again'), used, NEVER)).rejects.toMatchObject({
    ...{ code: 'log.unavailable', status: 503, details: { headers: { 'Retry-After': '1' } } },
  })
  expect(await world.keys.appendOnce(frameOf('free'), free, NEVER)).toMatchObject({
    isReplay: false,
  })
  expect(world.keys.counters()).toMatchObject({ failedReads: 1, firsts: 1 })
  disk.failing = () => 0
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => world.keys.appendOnce(frameOf('again'), used, NEVER)),
  )
  expect(answers.map(({ sequence, isReplay }) => ({ sequence, isReplay }))).toEqual(
    Array.from({ length: 20 }, () => ({ sequence: 7, isReplay: true })),
  )
  await expect(
    world.keys.appendOnce(frameOf('other'), { ...used, bodyHash: free.bodyHash }, NEVER),
  ).rejects.toMatchObject({ status: 409 })
  expect(await world.frames()).toHaveLength(1)
  await world.close()
})

test('a key whose file is read is held meanwhile: of many requests one is the first', async () => {
  const disk = new ModelDisk(() => 0.5)
  await withRun(disk)
  const now = NOW + testRetention.ageMsMax
  const world = await openWorld(folder.dir, {
    ...{ files: disk, now: () => now, retention: testRetention },
  })
  const forgotten: KeyedBody = {
    ...{ workspaceId: WORKSPACE, key: 'k7', bodyHash: 'b'.repeat(32) },
    space: 'events',
  }
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      world.keys.appendOnce(frameOf('again', { arrivedAtMs: now }), forgotten, NEVER),
    ),
  )
  expect(answers.filter(({ isReplay }) => !isReplay)).toHaveLength(1)
  expect(await world.frames()).toHaveLength(1)
  await world.close()
})

describe('a file of which one bit is not what was written', () => {
  test('gives no wrong answer, wherever the bit is', async () => {
    await withRun()
    const path = join(folder.dir, RUN)
    const whole = await readFile(path)
    const outcomes = new Set<string>()
    for (let at = 0; at < whole.length; at += 151) {
      const flipped = Buffer.from(whole)
      flipped[at] = (flipped[at] ?? 0) ^ 4
      await writeFile(path, flipped)
      outcomes.add(await outcome())
    }
    expect(outcomes).toEqual(new Set(['damaged', 'some cannot be known']))
    // The whole file, as it was.
    await writeFile(path, whole)
    expect(await outcome()).toBe('right')
  })

  /** Asks for every key. */
  async function outcome(): Promise<string> {
    const index = await openKeyIndex({ ...options, dir: folder.dir }).catch((error: unknown) => {
      expect(error).toBeInstanceOf(DamagedIndex)
      return null
    })
    if (index === null) return 'damaged'
    let unknown = 0
    for (let sequence = 1; sequence <= KEYS; sequence += 25) {
      try {
        expect(await index.find(numberedEntry(sequence).id)).toEqual(numberedEntry(sequence))
      } catch (error) {
        expect(error).toMatchObject({ code: 'log.unavailable' })
        unknown += 1
      }
    }
    await index.close()
    return unknown === 0 ? 'right' : 'some cannot be known'
  }
})

test('an index of which a file is gone is not believed', async () => {
  await withRun()
  const index = await openKeyIndex({ ...options, dir: folder.dir })
  for (let sequence = KEYS + 1; sequence <= 3 * KEYS; sequence += 1) {
    index.add(numberedEntry(sequence))
    if (sequence % KEYS === 0) await index.flush(sequence)
  }
  await index.close()
  const [, middle = ''] = (await readdir(folder.dir))
    .filter((name) => name.endsWith('.keys'))
    .sort()
  expect(middle).toContain('-0000000000000400')
  await rm(join(folder.dir, middle))
  await expect(openKeyIndex({ ...options, dir: folder.dir })).rejects.toBeInstanceOf(DamagedIndex)
})

describe.each<[string, (path: string) => Promise<KeyFiles | undefined>]>([
  [
    'whose beginning is overwritten',
    async (path) => {
      const bytes = await readFile(path)
      await writeFile(path, bytes.fill('x', 0, 24))
      return undefined
    },
  ],
  [
    'that the disk does not read',
    (path) => {
      const real = diskKeyFiles(folder.dir)
      return Promise.resolve({
        ...real,
        openToRead: (name: string) =>
          path.endsWith(name)
            ? Promise.reject(Object.assign(new Error('EIO: injected'), { code: 'EIO' }))
            : real.openToRead(name),
      })
    },
  ],
])('a journal %s', (_, spoil) => {
  test('costs no key of a run: it alone is put aside, and the log is read from the end of the runs', async () => {
    await withRun()
    const before = await openKeyIndex({ ...options, dir: folder.dir })
    before.add(numberedEntry(KEYS + 1))
    await before.flush(KEYS + 1)
    await before.close()
    const name = `${'200'.padStart(16, '0')}.journal`
    const files = await spoil(join(folder.dir, name))
    const told: string[] = []
    const index = await openKeyIndex({
      ...{ ...options, dir: folder.dir, onDamage: (reason: string) => told.push(reason) },
      ...(files === undefined ? {} : { files }),
    })
    expect(told).toEqual([expect.stringContaining(name)])
    expect(await readdir(folder.dir)).toContain(`${name}.damaged`)
    expect(index.seenUpTo()).toBe(KEYS)
    expect(await index.find(numberedEntry(7).id)).toEqual(numberedEntry(7))
    expect(await index.find(numberedEntry(KEYS + 1).id)).toBeNull()
    index.add(numberedEntry(KEYS + 1))
    await index.flush(KEYS + 1)
    await index.close()
    const after = await openKeyIndex({ ...options, dir: folder.dir })
    expect(await after.find(numberedEntry(KEYS + 1).id)).toEqual(numberedEntry(KEYS + 1))
    await after.close()
  })
})
