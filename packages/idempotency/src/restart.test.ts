// What is remembered after an end of any kind.
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { diskFiles, type EventLog, type LogFiles } from '@sandpiper/eventlog'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { frameOf, keyed, NEVER, openWorld, tempDir, type World } from './testing.ts'

let folder: Awaited<ReturnType<typeof tempDir>>
let worlds: World[]
beforeEach(async () => {
  folder = await tempDir()
  worlds = []
})
afterEach(async () => {
  await Promise.all(worlds.map((world) => world.close()))
  await folder.remove()
})

type Options = Parameters<typeof openWorld>[1]

async function opened(dir: string, options?: Options): Promise<World> {
  const world = await openWorld(dir, options)
  worlds.push(world)
  return world
}

const append = async (world: World, key: string, body = key) =>
  world.keys.appendOnce(frameOf(body), await keyed(key, body), NEVER)

/** What a kill at this moment leaves: the files as they are, while the process still has them open. */
async function killed(dir: string): Promise<string> {
  const copy = `${dir}/copy-${worlds.length}`
  await cp(join(dir, 'log'), join(copy, 'log'), { recursive: true })
  await cp(join(dir, 'keys'), join(copy, 'keys'), { recursive: true })
  return copy
}

describe('a key is remembered', () => {
  test('after a stop', async () => {
    const before = await opened(folder.dir)
    const first = await append(before, 'k')
    await before.close()
    const after = await opened(folder.dir)
    expect(await append(after, 'k')).toMatchObject({ ...first, isReplay: true })
    await expect(
      after.keys.appendOnce(frameOf('b'), await keyed('k', 'b'), NEVER),
    ).rejects.toMatchObject({ status: 409 })
    expect(await after.frames()).toHaveLength(1)
  })

  test('after a kill, when the index had nothing of it yet', async () => {
    const before = await opened(folder.dir)
    for (let index = 0; index < 300; index += 1) await append(before, `k${index}`)
    const after = await opened(await killed(folder.dir))
    for (let index = 0; index < 300; index += 1)
      expect(await append(after, `k${index}`)).toMatchObject({
        sequence: index + 1,
        isReplay: true,
      })
    expect(after.log.durable()).toBe(300)
  })

  test('after a kill, when the index had some: the rest is read from where the index ends', async () => {
    const first = await opened(folder.dir)
    await append(first, 'in the index')
    await first.close()
    const second = await opened(folder.dir)
    expect(second.keys.keepFrom()).toBe(2)
    await append(second, 'in the log only')
    const after = await opened(await killed(folder.dir))
    expect(await append(after, 'in the index')).toMatchObject({ sequence: 1, isReplay: true })
    expect(await append(after, 'in the log only')).toMatchObject({ sequence: 2, isReplay: true })
  })

  test.each([
    ['overwritten', () => Buffer.alloc(100_000, 'x')],
    ['filled with zeros', (bytes: Buffer) => Buffer.alloc(bytes.length)],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
    ['cut to a page', (bytes: Buffer) => bytes.subarray(0, 4_096)],
    ['empty', () => Buffer.alloc(0)],
  ])('when the index was %s, as far as the log goes', async (_, change) => {
    const before = await opened(folder.dir)
    for (let index = 0; index < 100; index += 1) await append(before, `k${index}`)
    await before.close()
    const path = join(folder.dir, 'keys', '0000000000000000.journal')
    await writeFile(path, change(await readFile(path)))
    const after = await opened(folder.dir)
    expect(await append(after, 'k7')).toMatchObject({ sequence: 8, isReplay: true })
  })

  test('when the index is gone, or was written by another version, as far as the log goes', async () => {
    const before = await opened(folder.dir)
    await append(before, 'a')
    await before.close()
    await writeFile(join(folder.dir, 'keys', 'data.mdb'), 'other')
    const aside = await opened(folder.dir)
    expect(await append(aside, 'a')).toMatchObject({ isReplay: true })
    expect(await readdir(folder.dir)).toContain('keys.damaged')
    await aside.close()
    await rm(join(folder.dir, 'keys'), { recursive: true })
    const gone = await opened(folder.dir)
    expect(await append(gone, 'a')).toMatchObject({ isReplay: true })
    expect(gone.keys.counters()).toMatchObject({ lostFrames: 0 })
  })

  test('in an index that took up the same frames twice', async () => {
    const before = await opened(folder.dir, { retention: { keysMax: 2 } })
    await append(before, 'a')
    await append(before, 'b')
    const copy = await killed(folder.dir)
    const once = await opened(copy, { retention: { keysMax: 2 } })
    await once.close()
    const twice = await opened(copy, { retention: { keysMax: 2 } })
    expect(await append(twice, 'a')).toMatchObject({ isReplay: true })
    expect(twice.keys.counters()).toMatchObject({ forgottenEarly: 0 })
  })
})

test('a frame whose body was torn does not count as stored: its key is free', async () => {
  const before = await opened(folder.dir)
  await append(before, 'whole')
  await append(before, 'torn', 'torn'.repeat(1_000))
  const copy = await killed(folder.dir)
  const path = join(copy, 'log', '00000000000000000001.log')
  const bytes = await readFile(path)
  const at = bytes.indexOf('torntorntorn') + 2_000
  bytes.fill(0, at, at + 100)
  await writeFile(path, bytes)
  const after = await opened(copy)
  expect(await append(after, 'whole')).toMatchObject({ isReplay: true })
  expect(await append(after, 'torn', 'torn'.repeat(1_000))).toMatchObject({ isReplay: false })
})

test('sequences go on above what the index has seen, even when the log is gone', async () => {
  const before = await opened(folder.dir)
  await append(before, 'a')
  await append(before, 'b')
  await before.close()
  await rm(join(folder.dir, 'log'), { recursive: true })
  const after = await opened(folder.dir)
  expect(await append(after, 'c')).toMatchObject({ sequence: 3, isReplay: false })
})

test('frames that are gone from the log before the index had them are counted', async () => {
  const before = await opened(folder.dir, { segmentBytesMax: 5_000 })
  for (const key of ['a', 'b', 'c']) await append(before, key, key.repeat(5_000))
  const copy = await killed(folder.dir)
  await rm(join(copy, 'log', '00000000000000000001.log'))
  const after = await opened(copy)
  expect(after.keys.counters()).toMatchObject({ lostFrames: 1 })
  expect(await append(after, 'b', 'b'.repeat(5_000))).toMatchObject({ isReplay: true })
})

test('frames that are damaged in the middle of the log are counted', async () => {
  const before = await opened(folder.dir, { segmentBytesMax: 5_000 })
  for (const key of ['a', 'b', 'c', 'd']) await append(before, key, key.repeat(5_000))
  const copy = await killed(folder.dir)
  const path = join(copy, 'log', segmentOf(2))
  await writeFile(path, (await readFile(path)).fill(0, 0, 4_096))
  const after = await opened(copy)
  expect(after.keys.counters()).toMatchObject({ lostFrames: 1 })
  expect(await append(after, 'a', 'a'.repeat(5_000))).toMatchObject({ isReplay: true })
  expect(await append(after, 'c', 'c'.repeat(5_000))).toMatchObject({ isReplay: true })
})

describe('while the disk does not read a part of the log that the index lacks', () => {
  const append5k = (world: World, key: string) => append(world, key, key.repeat(5_000))

  async function withUnreadable(readAgainMs: number): Promise<{ after: World; disk: BadDisk }> {
    const before = await opened(folder.dir, { segmentBytesMax: 5_000 })
    for (const key of ['a', 'b', 'c']) await append5k(before, key)
    const copy = await killed(folder.dir)
    const disk = badDisk(join(copy, 'log'), segmentOf(2))
    const after = await opened(copy, { logFiles: disk.files, readAgainMs })
    return { after, disk }
  }

  test('a key that may stand there is 503 with Retry-After and stores nothing, others are answered; the next start knows all', async () => {
    const { after } = await withUnreadable(1_000_000)
    expect(await append5k(after, 'a')).toMatchObject({ isReplay: true })
    for (const key of ['b', 'never used'])
      await expect(append5k(after, key)).rejects.toMatchObject({
        ...{ code: 'log.unavailable', status: 503, details: { headers: { 'Retry-After': '1' } } },
      })
    expect(after.keys.counters()).toMatchObject({ lostFrames: 0, failedReads: 2 })
    expect(await after.log.append(frameOf('without a key'))).toBe(4)
    await after.close()
    expect(after.keys.keepFrom()).toBe(2)
    const next = await opened(after.dir)
    expect(await append5k(next, 'b')).toMatchObject({ sequence: 2, isReplay: true })
    expect(await append5k(next, 'c')).toMatchObject({ sequence: 3, isReplay: true })
    expect(await append5k(next, 'never used')).toMatchObject({ sequence: 5, isReplay: false })
  })

  test('it is tried again, and all is as ever once it is read', async () => {
    const { after, disk } = await withUnreadable(1)
    await expect(append5k(after, 'b')).rejects.toMatchObject({ status: 503 })
    disk.isBad = false
    let first: Awaited<ReturnType<typeof append>> | null = null
    for (let tries = 0; first === null && tries < 100_000; tries += 1) {
      await new Promise(setImmediate)
      first = await append5k(after, 'new').catch(() => null)
    }
    expect(first).toMatchObject({ sequence: 4, isReplay: false })
    expect(await append5k(after, 'b')).toMatchObject({ sequence: 2, isReplay: true })
    expect(await append5k(after, 'c')).toMatchObject({ sequence: 3, isReplay: true })
    await after.close()
    expect(after.keys.keepFrom()).toBe(5)
  })
})

test('the index never claims to cover a frame that is in the log while its append has not ended', async () => {
  let letGo: () => void = () => undefined
  const held = new Promise<void>((resolve) => (letGo = resolve))
  const slow = (log: EventLog): Pick<EventLog, 'append' | 'durable'> => ({
    durable: () => log.durable(),
    async append(frame) {
      const sequence = await log.append(frame)
      if (sequence === 1) await held
      return sequence
    },
  })
  const before = await opened(folder.dir, { log: slow })
  const first = append(before, 'held')
  while (before.log.durable() === 0) await new Promise(setImmediate)
  await append(before, 'free')
  while (before.keys.counters().pending > 0) await new Promise(setImmediate)
  expect(before.keys.keepFrom()).toBe(1)
  const after = await opened(await killed(folder.dir))
  expect(await append(after, 'held')).toMatchObject({ sequence: 1, isReplay: true })
  expect(await append(after, 'free')).toMatchObject({ sequence: 2, isReplay: true })
  letGo()
  expect(await first).toMatchObject({ isReplay: false })
})

function segmentOf(sequence: number): string {
  return `${String(sequence).padStart(20, '0')}.log`
}

interface BadDisk {
  readonly files: LogFiles
  isBad: boolean
}

/** A disk that does not read one file. */
function badDisk(dir: string, bad: string): BadDisk {
  const real = diskFiles(dir)
  const disk: BadDisk = {
    isBad: true,
    files: {
      ...real,
      async openToRead(name) {
        const file = await real.openToRead(name)
        return {
          ...file,
          read(position, length) {
            if (name !== bad || !disk.isBad) return file.read(position, length)
            return Promise.reject(Object.assign(new Error('EIO: injected'), { code: 'EIO' }))
          },
        }
      },
    },
  }
  return disk
}
