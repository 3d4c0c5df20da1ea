// Readers of topics on a real broker, a real log and real positions: every record is in the log once, whatever ends in between.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type EventLog, type Frame, openEventLog, openLogReader } from '@sandpiper/eventlog'
import { fault } from '@sandpiper/faults'
import { openPositionMemory, type StreamPositions } from '@sandpiper/idempotency'
import {
  kafkaAdmin,
  openKafkaProducer,
  startTopicReader,
  type KafkaProducer,
  type KafkaRecord,
} from '@sandpiper/kafka'
import { compileSchema } from '@sandpiper/rows'
import { createLogger } from '@sandpiper/telemetry'
import { startKafka, type TestKafka } from '@sandpiper/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { createKafkaConsumers } from './create-kafka-consumers.ts'
import { createKafkaCounters } from './kafka-counters.ts'
import { KAFKA_LIMITS, type KafkaDeps } from './kafka-deps.ts'
import type { KafkaConsumers, KafkaNote, KafkaSource, RecordDecoder } from './kafka-source.ts'

const logger = createLogger({ service: 'test', level: 'silent' })
const client = { clientId: 'test', logger }
const NEVER = new AbortController().signal

let kafka: TestKafka
let connection: KafkaSource['connection']
let producer: KafkaProducer
beforeAll(async () => {
  kafka = await startKafka()
  connection = { bootstrapServers: [kafka.bootstrap], tls: null, sasl: null }
  producer = await openKafkaProducer(connection, client)
}, 180_000)
afterAll(async () => {
  await producer.close()
  await kafka.stop()
})

const rows = compileSchema([
  { name: 'n', type: 'Int64', jsonPath: '$.n', default: null, codec: null },
  { name: 'p', type: 'Int16', jsonPath: '$.p', default: null, codec: null },
])
const decodeOne = ({ value }: KafkaRecord): ReturnType<typeof rows.decode> => {
  const text = value?.toString() ?? ''
  return rows.decode(text, 0, text.length)
}
const plain: RecordDecoder = { schemaVersion: 1, decode: (records) => records.map(decodeOne) }

/** A process that reads: its log and positions are on the disk of `dir`, and stay. */
interface Process {
  readonly log: EventLog
  readonly positions: StreamPositions
  readonly consumers: KafkaConsumers
  readonly counters: KafkaDeps['counters']
  readonly notes: KafkaNote[]
  /** As a kill: nothing is written any more but what is under way. */
  end(): Promise<void>
}

let dir: string
let source: KafkaSource
let sources: KafkaSource[]
let running: Process[]
/** Appends that the log refuses. */
let refusals = 0
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kafka-consumers-'))
  const topic = `t-${randomUUID()}`
  source = {
    ...{ workspaceId: randomUUID(), dataSourceId: `t_${randomUUID().replaceAll('-', '')}` },
    ...{ dataSourceName: 'events', connection, groupId: `g-${topic}`, topic },
    ...{ offsetReset: 'earliest', isPaused: false },
  }
  sources = [source]
  running = []
})
afterEach(async () => {
  for (const each of running) await each.end()
  await rm(dir, { recursive: true, force: true })
})

async function start(changes: Partial<KafkaDeps> = {}): Promise<Process> {
  const memory = await openPositionMemory({ dir: join(dir, 'positions'), logger, everyMs: 200 })
  const log = await openEventLog({ dir: join(dir, 'log'), socketPath: join(dir, 'link.sock') })
  const reader = openLogReader({ dir: join(dir, 'log'), onDamage: () => undefined })
  const positions = memory.follow(log, reader)
  const counters = createKafkaCounters()
  const notes: KafkaNote[] = []
  const consumers = createKafkaConsumers({
    ...{
      sources: { list: () => Promise.resolve(sources) },
      decoderOf: () => Promise.resolve(plain),
    },
    ...{
      positions: refusing(positions),
      observer: { noted: (_, note) => notes.push(note) },
      counters,
      logger,
    },
    ...{ now: Date.now, newRequestId: randomUUID, random: Math.random },
    limits: { ...KAFKA_LIMITS, sessionMs: 3_000 },
    ...changes,
  })
  let ending: Promise<void> | null = null
  const process: Process = {
    ...{ log, positions, consumers, counters, notes },
    end: () =>
      (ending ??= (async () => {
        await consumers.close()
        await positions.close()
        await log.close()
      })()),
  }
  running.push(process)
  return process
}

function refusing(positions: StreamPositions): KafkaDeps['positions'] {
  return {
    known: (signal) => positions.known(signal),
    find: (...key) => positions.find(...key),
    set: (all) => positions.set(all),
    append(frame) {
      if (refusals === 0) return positions.append(frame)
      refusals -= 1
      return Promise.reject(fault('storage.full', { public: 'The disk is full.' }))
    },
  }
}

async function frames(log: EventLog): Promise<Frame[]> {
  const reader = openLogReader({ dir: join(dir, 'log'), onDamage: () => undefined })
  const found: Frame[] = []
  for await (const ref of reader.scan(1, log.durable(), NEVER)) found.push(await reader.read(ref))
  await reader.close()
  return found
}

interface Row {
  readonly n: number
  readonly p: number
}

async function stored(log: EventLog, dataSourceId = source.dataSourceId): Promise<Row[]> {
  return (await frames(log))
    .filter((frame) => frame.dataSourceId === dataSourceId)
    .flatMap((frame) => frame.rows.toString().split('\n').slice(0, -1))
    .map((line) => JSON.parse(line) as Row)
}

/** Waits until something is so; fails by the test's own time limit. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}

const admin = () => kafkaAdmin(connection, client)
const produce = (from: number, to: number, partition = 0, topic = source.topic): Promise<unknown> =>
  producer.send(
    topic,
    Array.from({ length: to - from }, (_, index) => ({
      ...{ key: null, partition },
      value: JSON.stringify({ n: from + index, p: partition }),
    })),
  )
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)
const inPartition = (found: readonly Row[], partition: number): number[] =>
  found.filter(({ p }) => p === partition).map(({ n }) => n)

test('records are in the log once and in order, over ends and starts, wherever the checkpoint was', async () => {
  await admin().createTopic(source.topic, 3)
  for (let round = 0; round < 4; round += 1) {
    const process = await start()
    for (const partition of [0, 1, 2]) await produce(round * 500, round * 500 + 500, partition)
    // Ended while it reads, but for the last time.
    if (round < 3) await until(() => process.counters.records > 0)
    else await until(async () => (await stored(process.log)).length >= 6_000)
    if (round === 3) {
      const found = await stored(process.log)
      for (const partition of [0, 1, 2])
        expect(inPartition(found, partition)).toEqual(numbers(0, 2_000))
    }
    await process.end()
  }
})

test('members that come and go take partitions away and bring them back, and nothing is lost or doubled', async () => {
  await admin().createTopic(source.topic, 4)
  const process = await start()
  let sent = 0
  for (let round = 0; round < 4; round += 1) {
    const other = await startTopicReader(
      { ...client, connection, groupId: source.groupId, topic: source.topic, sessionMs: 3_000 },
      {
        // It reads, and says that it has: for those who believe what is committed, all of it is done.
        assigned: (partitions, steer) => {
          for (const partition of partitions) steer.seek(partition, sent)
        },
        fetched: () => undefined,
        failed: () => undefined,
      },
    )
    for (const partition of [0, 1, 2, 3]) await produce(sent, sent + 300, partition)
    sent += 300
    await until(() => process.consumers.states()[0]?.partitions.length === 2)
    await other.commit(new Map([0, 1, 2, 3].map((partition) => [partition, sent])))
    await other.close()
    await until(() => process.consumers.states()[0]?.partitions.length === 4)
  }
  await until(async () => (await stored(process.log)).length >= 4 * sent)
  const found = await stored(process.log)
  for (const partition of [0, 1, 2, 3])
    expect(inPartition(found, partition)).toEqual(numbers(0, sent))
  expect(process.counters.rebalances).toBeGreaterThan(4)
}, 120_000)

test('a broker that is killed and comes back: nothing is lost or doubled, and it is told', async () => {
  await admin().createTopic(source.topic, 1)
  const process = await start()
  await produce(0, 100)
  await until(async () => (await stored(process.log)).length >= 100)
  await kafka.kill9()
  await until(() => process.consumers.states()[0]?.state === 'failing')
  await kafka.start()
  await produce(100, 200)
  await until(async () => (await stored(process.log)).length >= 200)
  expect(inPartition(await stored(process.log), 0)).toEqual(numbers(0, 200))
  expect(process.notes.filter(({ kind }) => kind === 'error').length).toBeGreaterThan(0)
}, 120_000)

describe('where reading begins', () => {
  test('latest: with what comes after the reader was there first, also when it was away in between', async () => {
    source = { ...source, offsetReset: 'latest' }
    sources = [source]
    await admin().createTopic(source.topic, 1)
    await produce(0, 10)
    const first = await start()
    await until(() => first.consumers.states()[0]?.state === 'reading')
    await first.end()
    await produce(10, 20)
    const second = await start()
    await until(async () => (await stored(second.log)).length >= 10)
    expect(inPartition(await stored(second.log), 0)).toEqual(numbers(10, 20))
  })

  test('where its group was, for a group that has committed', async () => {
    await admin().createTopic(source.topic, 1)
    await produce(0, 10)
    await new Promise<void>((resolve, reject) => {
      void startTopicReader(
        { ...client, connection, groupId: source.groupId, topic: source.topic },
        {
          assigned: (_, steer) => {
            steer.seek(0, 0)
          },
          fetched: () => {
            resolve()
          },
          failed: reject,
        },
      ).then(async (reader) => {
        await reader.commit(new Map([[0, 7]]))
        await reader.close()
        resolve()
      }, reject)
    })
    await until(async () => (await admin().committed(source.groupId, source.topic)).get(0) === 7)
    const process = await start()
    await until(async () => (await stored(process.log)).length >= 3)
    expect(inPartition(await stored(process.log), 0)).toEqual([7, 8, 9])
  })

  test('anew, when the topic was deleted and made again', async () => {
    await admin().createTopic(source.topic, 1)
    await produce(0, 50)
    const process = await start()
    await until(async () => (await stored(process.log)).length >= 50)
    await admin().deleteTopic(source.topic)
    await until(() => process.consumers.states()[0]?.error?.includes('does not exist') === true)
    await admin().createTopic(source.topic, 1)
    await produce(50, 60)
    await until(async () => (await stored(process.log)).length >= 60)
    expect(inPartition(await stored(process.log), 0)).toEqual(numbers(0, 60))
    expect(process.counters.resets).toBe(1)
  })

  test('at the oldest record that is there, and it is told how many are gone', async () => {
    const small = { 'segment.bytes': '16384', 'retention.bytes': '16384' }
    await admin().createTopic(source.topic, 1, small)
    const first = await start()
    await produce(0, 10)
    await until(async () => (await stored(first.log)).length >= 10)
    await first.end()
    for (let from = 10; from < 5_010; from += 500) await produce(from, from + 500)
    await until(async () => ((await admin().ranges(source.topic))[0]?.low ?? 0) > 10)
    const second = await start()
    await until(async () => (await stored(second.log)).at(-1)?.n === 5_009)
    const found = inPartition(await stored(second.log), 0)
    const begin = found[10] ?? 0
    expect(found).toEqual([...numbers(0, 10), ...numbers(begin, 5_010)])
    expect(second.notes.map(({ message }) => message).join()).toContain(
      `${begin - 10} offsets were removed`,
    )
  })
})

test('a compacted topic has gaps, and records of its end come all the same', async () => {
  const compacted = {
    'cleanup.policy': 'compact',
    'segment.ms': '100',
    'min.cleanable.dirty.ratio': '0.01',
  }
  await admin().createTopic(source.topic, 1, compacted)
  const keyed = (n: number) => ({
    key: `k${n % 3}`,
    value: JSON.stringify({ n, p: 0 }),
    partition: 0,
  })
  const value = {
    schemaVersion: 1,
    decode: (records: readonly KafkaRecord[]) => records.map(decodeOne),
  }
  for (let n = 0; n < 60; n += 20) await producer.send(source.topic, numbers(n, n + 20).map(keyed))
  const oldest = async (): Promise<number> =>
    new Promise((resolve, reject) => {
      void startTopicReader(
        { ...client, connection, groupId: randomUUID(), topic: source.topic },
        {
          assigned: (_, steer) => {
            steer.seek(0, 0)
          },
          fetched: (batch) => {
            resolve(batch.records[0]?.offset ?? 0)
          },
          failed: reject,
        },
      ).then((reader) => void setTimeout(() => void reader.close(), 300), reject)
    })
  await until(async () => {
    await producer.send(source.topic, [keyed(60)])
    return (await oldest()) > 20
  })
  const process = await start({ decoderOf: () => Promise.resolve(value) })
  const { high } = (await admin().ranges(source.topic))[0]!
  await until(() => process.consumers.states()[0]?.partitions[0]?.position === high)
  const found = inPartition(await stored(process.log), 0)
  expect(found.length).toBeLessThan(60 + 1)
  expect(found.at(-1)).toBe(60)
}, 120_000)

test('a record that is no row is refused, and those around it are rows', async () => {
  await admin().createTopic(source.topic, 1)
  await producer.send(source.topic, [
    { key: null, value: '{"n":1,"p":0}' },
    { key: null, value: 'poison' },
    { key: null, value: 'x'.repeat(900_000) },
    { key: null, value: '{"n":2,"p":0}' },
  ])
  const process = await start()
  await until(() => process.counters.records === 4)
  expect(process.counters).toMatchObject({ rows: 2, refused: 2 })
  expect(inPartition(await stored(process.log), 0)).toEqual([1, 2])
})

test('a decoder that cannot tell yet, and a log that refuses, hold the partition and lose nothing', async () => {
  await admin().createTopic(source.topic, 1)
  let isAway = true
  refusals = 3
  const process = await start({
    decoderOf: () => (isAway ? Promise.reject(new Error('registry')) : Promise.resolve(plain)),
    limits: { ...KAFKA_LIMITS, partitionBytesMax: 10_000 },
  })
  for (let from = 0; from < 3_000; from += 500) await produce(from, from + 500)
  await until(() => process.consumers.states()[0]?.state === 'failing')
  expect(process.counters.rows).toBe(0)
  isAway = false
  await until(async () => (await stored(process.log)).length >= 3_000)
  expect(inPartition(await stored(process.log), 0)).toEqual(numbers(0, 3_000))
  await until(() => process.consumers.states()[0]?.state === 'reading')
  expect(refusals).toBe(0)
  expect(process.counters.heldBytes).toBe(0)
})

test('a data source that is paused reads nothing, and goes on where it was', async () => {
  await admin().createTopic(source.topic, 1)
  const process = await start()
  await produce(0, 10)
  await until(async () => (await stored(process.log)).length >= 10)
  sources = [{ ...source, isPaused: true }]
  await process.consumers.reconcile()
  expect(process.consumers.states()[0]?.state).toBe('paused')
  await produce(10, 20)
  sources = [source]
  await process.consumers.reconcile()
  await until(async () => (await stored(process.log)).length >= 20)
  expect(inPartition(await stored(process.log), 0)).toEqual(numbers(0, 20))
})

test('a reader that is closed while it looks where to begin ends, and holds up no other', async () => {
  await admin().createTopic(source.topic, 1)
  let looked: () => void = () => undefined
  let letGo: () => void = () => undefined
  const isLooking = new Promise<void>((resolve) => (looked = resolve))
  const mayGo = new Promise<void>((resolve) => (letGo = resolve))
  const set = async (): Promise<void> => {
    looked()
    await mayGo
  }
  const process = await start({
    positions: {
      ...{ known: () => Promise.resolve(), find: () => null, set },
      append: () => Promise.reject(new Error('nothing is read')),
    },
  })
  await isLooking
  sources = []
  const reconciled = process.consumers.reconcile()
  // The reconciliation has told the reader to end when it waits for it.
  await new Promise(setImmediate)
  letGo()
  await reconciled
  expect(process.consumers.states()).toEqual([])
}, 30_000)

test('several data sources read one topic, each all of it; a second one in the same group is told why not', async () => {
  await admin().createTopic(source.topic, 2)
  const other = {
    ...source,
    dataSourceId: `t_${'b'.repeat(32)}`,
    groupId: 'another',
    dataSourceName: 'other',
  }
  const same = { ...source, dataSourceId: `t_${'c'.repeat(32)}`, dataSourceName: 'same' }
  const foreign = { ...same, workspaceId: randomUUID(), dataSourceId: `t_${'d'.repeat(32)}` }
  sources = [source, other, same, foreign]
  const process = await start()
  for (const partition of [0, 1]) await produce(0, 50, partition)
  for (const { dataSourceId } of [source, other]) {
    await until(async () => (await stored(process.log, dataSourceId)).length >= 100)
    for (const partition of [0, 1])
      expect(inPartition(await stored(process.log, dataSourceId), partition)).toEqual(
        numbers(0, 50),
      )
  }
  const errorOf = (id: string) =>
    process.consumers.states().find((each) => each.dataSourceId === id)?.error
  expect(errorOf(same.dataSourceId)).toContain("'events' reads this topic in the same group")
  // Another workspace is told nothing of this one, and stops nobody.
  expect(errorOf(foreign.dataSourceId)).toBeNull()
})
