// Positions are what the log says, after an end of any kind and on a disk that fails and forgets.
import {
  type EventLog,
  type EventLogReader,
  openEventLog,
  openLogReader,
  type StreamPosition,
} from '@sandpiper/eventlog'
import { createLogger } from '@sandpiper/telemetry'
import fc from 'fast-check'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { ModelDisk } from '../model-disk.fixture.ts'
import { frameOf, NEVER } from '../testing.ts'
import { openPositionMemory, type StreamPositions } from './stream-positions.ts'

const logger = createLogger({ service: 'test', level: 'silent' })
const DATA_SOURCE = `t_${'a'.repeat(32)}`
const NEVER_MS = 2 ** 30

let dir: string
let closing: (() => Promise<void>)[]
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sp-positions-'))
  closing = []
})
afterEach(async () => {
  for (const close of closing.reverse()) await close()
  await rm(dir, { recursive: true, force: true })
})

const withPosition = (position: Partial<StreamPosition>) => ({
  ...frameOf('x'),
  position: { stream: 's', partition: 0, epoch: 0, from: 0, next: 1, ...position },
})

async function openLog(): Promise<EventLog> {
  const log = await openEventLog({
    dir: join(dir, 'log'),
    socketPath: join(dir, 'link.sock'),
    sequenceAfter: 0,
    onDamage: () => undefined,
  })
  closing.push(() => log.close())
  return log
}

function readerOf(): EventLogReader {
  return openLogReader({ dir: join(dir, 'log'), onDamage: () => undefined })
}

async function openOnDisk(log: EventLog, everyMs = NEVER_MS): Promise<StreamPositions> {
  const memory = await openPositionMemory({ dir: join(dir, 'positions'), logger, everyMs })
  const positions = memory.follow(log, readerOf())
  await positions.known(NEVER)
  closing.push(() => positions.close())
  return positions
}

const nextOf = (positions: StreamPositions, partition = 0): number | null =>
  positions.find(DATA_SOURCE, 's', partition)?.next ?? null

test('a position moves with its frame only, and is found again without any checkpoint', async () => {
  const log = await openLog()
  const positions = await openOnDisk(log)
  expect(nextOf(positions)).toBeNull()
  await positions.append(withPosition({ next: 5 }))
  await positions.append(withPosition({ partition: 1, next: 7 }))
  const large = {
    ...withPosition({ from: 5, next: 9 }),
    rows: Buffer.alloc(200 * 1024 * 1024, '\n'),
  }
  await expect(positions.append(large)).rejects.toMatchObject({ code: 'log.too_large' })
  expect([nextOf(positions), nextOf(positions, 1)]).toEqual([5, 7])
  const again = await openOnDisk(log)
  expect([nextOf(again), nextOf(again, 1)]).toEqual([5, 7])
})

test('positions of other data sources and streams are others', async () => {
  const positions = await openOnDisk(await openLog())
  await positions.append(withPosition({ next: 5 }))
  expect(positions.find(DATA_SOURCE, 'other', 0)).toBeNull()
  expect(positions.find(`t_${'b'.repeat(32)}`, 's', 0)).toBeNull()
})

test('a later epoch is ahead of any position, and what is further is never taken back', async () => {
  const positions = await openOnDisk(await openLog())
  await positions.append(withPosition({ next: 500 }))
  await positions.append(withPosition({ next: 400 }))
  expect(nextOf(positions)).toBe(500)
  await positions.set([{ dataSourceId: DATA_SOURCE, stream: 's', partition: 0, epoch: 1, next: 3 }])
  await positions.append(withPosition({ next: 501 }))
  expect(nextOf(positions)).toBe(3)
})

test('a damaged checkpoint costs nothing: the one before it, and the log that was kept for it, say the same', async () => {
  const log = await openLog()
  const positions = await openOnDisk(log)
  await positions.set([
    { dataSourceId: DATA_SOURCE, stream: 's', partition: 1, epoch: 0, next: 40 },
  ])
  await positions.append(withPosition({ next: 5 }))
  await positions.close()
  const folder = join(dir, 'positions')
  const [older, newest] = (await readdir(folder)).sort()
  expect([older, newest]).not.toContain(undefined)
  const bytes = await readFile(join(folder, newest!))
  bytes[bytes.length - 3]! ^= 1
  await writeFile(join(folder, newest!), bytes)
  const again = await openOnDisk(log)
  expect(again.counters().damaged).toBe(1)
  expect([nextOf(again), nextOf(again, 1)]).toEqual([5, 40])
})

test('without any stream the log keeps nothing for positions', async () => {
  const log = await openLog()
  const positions = await openOnDisk(log)
  for (let index = 0; index < 3; index += 1) await log.append(frameOf('x'))
  expect(positions.keepFrom()).toBe(1)
  await positions.close()
  const again = await openOnDisk(log)
  expect(again.keepFrom()).toBe(4)
})

const partition = fc.nat(2)
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), partition }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('checkpoint' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reset' as const), partition }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('fail' as const), rate: fc.constantFrom(0, 0.3) }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** Takes the steps, and compares after each power cut. @param stream no other run's. */
async function takeSteps(
  log: EventLog,
  stream: string,
  steps: readonly Step[],
  disk: ModelDisk,
): Promise<void> {
  const expected = new Map<number, { epoch: number; next: number }>()
  let droppedBelow = 0
  const open = async (): Promise<StreamPositions> => {
    disk.failing = () => 0
    const memory = await openPositionMemory({ dir: '', files: disk, logger, everyMs: NEVER_MS })
    expect(memory.upTo + 1).toBeGreaterThanOrEqual(droppedBelow)
    const opened = memory.follow(log, readerOf())
    await opened.known(NEVER)
    return opened
  }
  let positions = await open()
  for (const each of steps) {
    if (each.do === 'append') {
      const { epoch, next: from } = expected.get(each.partition) ?? { epoch: 0, next: 0 }
      const at = { stream, partition: each.partition, epoch, from, next: from + 2 }
      await positions.append(withPosition(at))
      expected.set(each.partition, { epoch, next: from + 2 })
    } else if (each.do === 'reset') {
      const epoch = (expected.get(each.partition)?.epoch ?? 0) + 1
      const at = { dataSourceId: DATA_SOURCE, stream, partition: each.partition, epoch, next: 1 }
      disk.failing = () => 0
      await positions.set([at])
      expected.set(each.partition, { epoch, next: 1 })
    } else if (each.do === 'checkpoint') await positions.set([]).catch(() => undefined)
    else if (each.do === 'fail') disk.failing = () => each.rate
    else {
      droppedBelow = positions.keepFrom()
      disk.cutPower()
      positions = await open()
      for (const [at, known] of expected)
        expect(positions.find(DATA_SOURCE, stream, at)).toMatchObject(known)
    }
  }
}

test('whatever the disk refuses and a power cut takes, positions are those of the log, read from where it was kept', async () => {
  const log = await openLog()
  const chance = fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }))
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), chance, async (steps, random) => {
      run += 1
      const disk = new ModelDisk(() => random.next().value as number)
      await takeSteps(log, `run ${run}`, [...steps, { do: 'cut' }], disk)
    }),
    { numRuns: 60 },
  )
})
