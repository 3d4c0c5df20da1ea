// The index over a disk that fails, and forgets what was not synced: see model-disk.fixture.ts.
import { expect, test } from 'vitest'
import { type KeyIndex, openKeyIndex } from './key-index.ts'
import { idOf, keyHashOf } from './key-id.ts'
import { markKeys } from './key-marks.ts'
import type { KeyEntry } from './key-record.ts'
import { ModelDisk, type Operation } from './model-disk.fixture.ts'
import { numberedEntry, testRetention } from './testing-index.ts'
import { OTHER_WORKSPACE, WORKSPACE } from './testing.ts'

const NOW = 1_763_700_000_000
const RUN_KEYS = 12

/** Numbers from 0 to below 1 that a seed decides. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** An index, what it must know, and what was told of it. */
class World {
  readonly disk: ModelDisk
  readonly retention: { ageMsMax: number; keysMax: number }
  /** By sequence: the log. */
  readonly log: KeyEntry[] = []
  now = NOW
  private readonly random: () => number
  private index: KeyIndex | null = null

  constructor(seed: number) {
    this.random = randomFrom(seed)
    this.disk = new ModelDisk(this.random)
    this.retention = { ageMsMax: 1_000_000, keysMax: seed % 2 === 0 ? 1_000_000 : 130 }
  }

  get open(): KeyIndex {
    if (this.index === null) throw new Error('not open')
    return this.index
  }

  number(below: number): number {
    return Math.floor(this.random() * below)
  }

  async start(): Promise<void> {
    const { disk, retention } = this
    this.index = await openKeyIndex({
      ...{ dir: '', files: disk, retention, runKeys: RUN_KEYS },
      now: () => this.now,
      deletingNow: () => this.now,
    })
  }

  add(): void {
    const sequence = this.log.length + 1
    const workspace = this.number(4) === 0 ? OTHER_WORKSPACE : WORKSPACE
    const entry: KeyEntry = {
      id: idOf(workspace, keyHashOf('events', `k${sequence}`)),
      bodyHash: 'b'.repeat(32),
      ...{ sequence, arrivedAtMs: this.now, rowCount: sequence, refusedCount: 0 },
      dataSourceId: `t_${this.number(3)}`,
    }
    this.log.push(entry)
    this.open.add(entry)
  }

  /** The end of the process, and of the power too. What the new one lacks it reads from the log. */
  async startAgain(how: 'kill' | 'power cut'): Promise<void> {
    const told = this.open.upTo()
    // Nothing that the former process still does has an effect.
    this.disk.failing = () => 1
    await this.open.close()
    this.disk.failing = () => 0
    if (how === 'power cut') this.disk.cutPower()
    await this.start()
    const upTo = this.open.seenUpTo()
    expect(upTo, 'what was told to be durable is').toBeGreaterThanOrEqual(told)
    expect(upTo).toBeLessThanOrEqual(this.log.length)
    for (const entry of this.log.slice(upTo)) this.open.add(entry)
  }

  /** Writes what there is, whatever fails of it. */
  async flush(): Promise<void> {
    await this.open.flush(this.log.length).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'log.unavailable' })
    })
  }

  async check(entry: KeyEntry): Promise<void> {
    const newer = this.log.filter(
      ({ id, sequence }) => id.slice(0, 32) === entry.id.slice(0, 32) && sequence > entry.sequence,
    ).length
    let found: KeyEntry | null
    try {
      found = await this.open.find(entry.id)
    } catch (error) {
      // Not known is an answer, as long as reads fail.
      expect(error).toMatchObject({ code: 'log.unavailable' })
      expect(this.disk.failing('read')).toBeGreaterThan(0)
      return
    }
    if (entry.arrivedAtMs <= this.now - this.retention.ageMsMax) expect(found).toBeNull()
    else if (newer < this.retention.keysMax) expect(found).toEqual(entry)
    else if (newer > this.retention.keysMax + 2 * markKeys(this.retention)) expect(found).toBeNull()
  }

  async checkAll(): Promise<void> {
    for (const entry of this.log) await this.check(entry)
    const never = idOf(WORKSPACE, keyHashOf('events', 'never'))
    expect(await this.open.find(never)).toBeNull()
  }
}

const OPERATIONS: readonly Operation[] = [
  'create',
  'write',
  'sync',
  'rename',
  'remove',
  'syncNames',
  'read',
]

test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'whatever fails and whenever it ends, no key is forgotten and none is unknown that was told to be durable (seed %i)',
  async (seed) => {
    const world = new World(seed)
    await world.start()
    for (let step = 0; step < 120; step += 1) {
      for (let keys = world.number(8); keys > 0; keys -= 1) world.add()
      const bad = OPERATIONS[world.number(OPERATIONS.length + 3)]
      world.disk.failing = (operation) => (operation === bad ? 0.5 : 0)
      await world.flush()
      for (let looks = 0; looks < 3; looks += 1) {
        const entry = world.log[world.number(world.log.length)]
        if (entry !== undefined) await world.check(entry)
      }
      if (world.number(3) === 0) await world.open.settled()
      if (world.number(6) !== 0) continue
      await world.startAgain(world.number(2) === 0 ? 'kill' : 'power cut')
      if (world.number(2) === 0) await world.startAgain('power cut')
    }
    world.disk.failing = () => 0
    await world.open.flush(world.log.length)
    expect(world.open.upTo()).toBe(world.log.length)
    await world.open.settled()
    await world.startAgain('power cut')
    await world.checkAll()
    // Files of runs are merged: their number does not grow with the keys.
    expect((await world.disk.names()).length).toBeLessThan(20)
    await world.open.close()
  },
)

test.each(Array.from({ length: 30 }, (_, seed) => seed))(
  'names that could not be removed or made lasting, long ago, cost no key at the next start (seed %i)',
  async (seed) => {
    const world = new World(seed)
    await world.start()
    for (let step = 0; step < 200; step += 1) {
      world.now += world.number(60_000)
      for (let keys = world.number(8); keys > 0; keys -= 1) world.add()
      const isBad = world.number(3) === 0
      world.disk.failing = (operation) =>
        isBad && (operation === 'remove' || operation === 'syncNames') ? 0.4 : 0
      await world.flush()
      await world.open.settled()
    }
    world.disk.failing = () => 0
    await world.flush()
    await world.open.settled()
    await world.startAgain(seed % 2 === 0 ? 'kill' : 'power cut')
    await world.checkAll()
    await world.open.close()
  },
)

test.each(Array.from({ length: 30 }, (_, seed) => seed))(
  'a power cut between two files that go leaves no gap (seed %i)',
  async (seed) => {
    const world = new World(seed)
    await world.start()
    for (let round = 0; round < 6; round += 1) {
      for (let step = 0; step < 40; step += 1) {
        world.now += world.number(10) === 0 ? 600_000 : 1_000
        for (let keys = world.number(8); keys > 0; keys -= 1) world.add()
        await world.flush()
        if (world.number(3) === 0) await world.open.settled()
      }
      await world.startAgain('power cut')
    }
    await world.checkAll()
    await world.open.close()
  },
)

test('keys above what the index covers are known at the next start, however many come before the first of them is covered', async () => {
  const disk = new ModelDisk(randomFrom(1))
  const opened = (): Promise<KeyIndex> =>
    openKeyIndex({
      ...{ dir: '', files: disk, retention: testRetention, runKeys: RUN_KEYS },
      now: () => NOW,
    })
  const index = await opened()
  // The append of the first frame is still under way.
  for (let sequence = 2; sequence <= 4 * RUN_KEYS; sequence += 1) {
    index.add(numberedEntry(sequence))
    if (sequence % RUN_KEYS === 0) await index.flush(0)
  }
  index.add(numberedEntry(1))
  await index.flush(4 * RUN_KEYS)
  for (let sequence = 4 * RUN_KEYS + 1; sequence <= 5 * RUN_KEYS; sequence += 1)
    index.add(numberedEntry(sequence))
  await index.flush(5 * RUN_KEYS)
  await index.close()
  const after = await opened()
  expect(after.seenUpTo()).toBe(5 * RUN_KEYS)
  for (let sequence = 1; sequence <= 5 * RUN_KEYS; sequence += 1)
    expect(await after.find(numberedEntry(sequence).id)).toEqual(numberedEntry(sequence))
  await after.close()
})
