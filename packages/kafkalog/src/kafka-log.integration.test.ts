// A log in a real Kafka: acknowledged once it is there, copied in its order, each key once. The broker is killed on the way.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { KeyedFrame } from '@sandpiper/catalog'
import { connectLink, type Frame, type NewFrame, openLogReader } from '@sandpiper/eventlog'
import { createLogger } from '@sandpiper/telemetry'
import { startKafka, type TestKafka } from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { KAFKA_LOG, kafkaPlaceOf, type KafkaLogPlace } from './kafka-log-place.ts'
import { type KafkaLogOptions, openKafkaLog } from './open-kafka-log.ts'
import { openMirror } from './open-mirror.ts'
import { partitionOf } from './partition-of.ts'

const logger = createLogger({ service: 'test', level: 'silent' })
let kafka: TestKafka
let home: string

beforeAll(async () => {
  kafka = await startKafka({ properties: { 'socket.request.max.bytes': '209715200' } })
  home = await mkdtemp(join(tmpdir(), 'sp-klog-'))
})
afterAll(async () => {
  await kafka.stop()
  await rm(home, { recursive: true, force: true })
})

function placeOf(topic: string, partitions = 3): KafkaLogPlace {
  return kafkaPlaceOf({
    ...{ brokers: kafka.bootstrap, topic, partitions, minInsyncReplicas: 1 },
    ...{ security: 'plaintext', caPem: null, mechanism: 'plain', username: '', password: '' },
  })
}

/** The parts of the catalog that no test here is about. */
const CATALOG: KafkaLogOptions['catalog'] = {
  turn: () => Promise.reject(new Error('no turns here')),
  loaded: () => Promise.resolve({ kind: 'loaded' }),
  workspaceOf: () => Promise.resolve(null),
  writers: () => Promise.resolve(1),
  providePartitions: () => Promise.resolve(),
}

const openLog = (place: KafkaLogPlace, more: Partial<KafkaLogOptions> = {}) =>
  openKafkaLog({ place, catalog: CATALOG, clientId: 'test', logger, ...more })

function frame(n: number, more: Partial<NewFrame> = {}): NewFrame {
  return {
    ...{ workspaceId: 'w1', dataSourceId: 't_1', schemaVersion: 1, requestId: `r${n}` },
    ...{ arrivedAtMs: 1, idempotencyHash: null, rowCount: 1, refusedCount: 0 },
    ...{ rows: Buffer.from(`{"n":${n}}\n`), refused: Buffer.alloc(0) },
    ...more,
  }
}

const mirrorOf = async (
  place: KafkaLogPlace,
  note: (frames: readonly KeyedFrame[]) => number[] = () => [],
) =>
  openMirror({
    ...{ place, keysMs: 1_000, dir: join(home, 'copies'), socketDir: home },
    ...{ groupId: `g-${Math.random()}`, clientId: 'test', logger },
    keys: { note: (_partition, frames) => Promise.resolve(new Set(note(frames))) },
  })

/** Frames of a partition's copy, once it has them up to the last one. */
async function copied(
  part: { readonly dir: string; readonly socketPath: string },
  last: number,
): Promise<Frame[]> {
  const link = await connectLink(part)
  await expect.poll(() => link.durable(), { timeout: 30_000 }).toBe(last)
  await link.close()
  const reader = openLogReader({ dir: part.dir, onDamage: () => undefined })
  const frames: Frame[] = []
  for await (const ref of reader.scan(1, last, new AbortController().signal))
    frames.push(await reader.read(ref))
  await reader.close()
  return frames
}

describe('the log', () => {
  test('gives each partition its own sequence, and copies it as it was appended', async () => {
    const place = placeOf('order')
    const log = await openLog(place)
    const other = await openLog(place)
    const elsewhere = ['w2', 'w3', 'w4', 'w5'].find(
      (id) => partitionOf(id, 3) !== partitionOf('w1', 3),
    )
    const sequences = await Promise.all([1, 2, 3].map((n) => log.append(frame(n))))
    expect(sequences).toEqual([1, 2, 3])
    expect(await other.append(frame(9, { workspaceId: elsewhere ?? '' }))).toBe(1)
    expect(await other.append(frame(4))).toBe(4)
    expect(await log.durableOf('w1')).toBe(4)
    const mirror = await mirrorOf(place)
    const part = await mirror.start(partitionOf('w1', 3), 1)
    expect(await copied(part, 4)).toEqual([1, 2, 3, 4].map((n) => ({ ...frame(n), sequence: n })))
    await part.stop()
    // As a writer that starts again where it stood.
    const again = await mirror.start(partitionOf('w1', 3), 3)
    await log.append(frame(5))
    expect((await copied(again, 5)).map(({ sequence }) => sequence)).toEqual([3, 4, 5])
    await again.stop()
    await mirror.close()
    await log.close()
    await other.close()
  })

  test('takes frames as large as bodies may become, and refuses larger ones', async () => {
    const log = await openLog(placeOf('large', 1), { waitMsMax: 60_000 })
    const rows = Buffer.alloc(KAFKA_LOG.frameBytesMax - 1_000, '\n')
    expect(await log.append(frame(1, { rows }))).toBe(1)
    const more = Buffer.alloc(KAFKA_LOG.frameBytesMax, '\n')
    await expect(log.append(frame(1, { rows: more }))).rejects.toMatchObject({
      code: 'log.too_large',
    })
    await log.close()
  })

  test('is not opened on a topic that takes only smaller frames', async () => {
    const place = placeOf('small', 1)
    const { kafkaAdmin } = await import('@sandpiper/kafka')
    const admin = kafkaAdmin(place.connection, { clientId: 'test', logger })
    await admin.createTopic('small', 1)
    const refusal = /'small' has max\.message\.bytes=\d+, .* needs 104857600/
    await expect(openLog(place)).rejects.toThrow(refusal)
  })

  test('empties frames whose key came before, and passes over what is no frame', async () => {
    const place = placeOf('keys', 1)
    const log = await openLog(place)
    const hash = 'ab'.repeat(32)
    await log.append(frame(1, { idempotencyHash: hash }))
    await log.append(frame(1, { idempotencyHash: hash }))
    const { openKafkaProducer } = await import('@sandpiper/kafka')
    const producer = await openKafkaProducer(place.connection, { clientId: 'test', logger })
    await producer.send(place.topic, [{ key: null, value: 'no frame', partition: 0 }])
    await producer.close()
    await log.append(frame(4))
    const seen: KeyedFrame[] = []
    const mirror = await mirrorOf(place, (frames) => {
      seen.push(...frames)
      return frames.slice(1).map(({ sequence }) => sequence)
    })
    const part = await mirror.start(0, 1)
    const frames = await copied(part, 4)
    expect(frames.map(({ rowCount }) => rowCount)).toEqual([1, 0, 0, 1])
    expect(frames.map(({ rows }) => rows.length > 0)).toEqual([true, false, false, true])
    expect(seen[0]).toMatchObject({ workspace: 'w1', keyHash: 'ab'.repeat(16), sequence: 1 })
    expect(mirror.counters).toMatchObject({ repeated: 1, damaged: 1, lost: 0 })
    await part.stop()
    await mirror.close()
    await log.close()
  })
})

describe('while Kafka is down', () => {
  test('appends are refused in time, and what was acknowledged is there afterwards', async () => {
    const place = placeOf('down', 1)
    const log = await openLog(place, { waitMsMax: 1_000, queueBytesMax: 10_000 })
    const mirror = await mirrorOf(place)
    const part = await mirror.start(0, 1)
    await log.append(frame(1))
    await kafka.kill9()
    const refused = log.append(frame(2))
    await expect(refused).rejects.toMatchObject({ code: 'log.unavailable' })
    const large = { rows: Buffer.alloc(6_000, '\n') }
    const waiting = log.append(frame(3, large)).catch((err: unknown) => err)
    await expect(log.append(frame(4, large))).rejects.toMatchObject({ code: 'server.busy' })
    expect(await waiting).toMatchObject({ code: 'log.unavailable' })
    expect(await log.isReady()).toBe(false)
    await kafka.start()
    const append = (): Promise<number> => log.append(frame(5)).catch(() => 0)
    let sequence = 0
    await expect
      .poll(async () => (sequence = await append()), { timeout: 40_000 })
      .toBeGreaterThan(1)
    const frames = await copied(part, sequence)
    // Those that were refused may be there, once, in their order; those that were acknowledged are.
    expect(frames[0]).toMatchObject({ requestId: 'r1' })
    expect(frames.at(-1)).toMatchObject({ requestId: 'r5' })
    expect(frames.filter(({ requestId }) => requestId === 'r1')).toHaveLength(1)
    await part.stop()
    await mirror.close()
    await log.close()
  }, 90_000)

  test('records that nobody needs any more are removed, and a copy begins with what is there', async () => {
    const place = placeOf('gone', 1)
    const log = await openLog(place)
    for (const n of [1, 2, 3, 4]) await log.append(frame(n))
    const mirror = await mirrorOf(place)
    const first = await mirror.start(0, 1)
    await copied(first, 4)
    first.unneeded(3)
    const { kafkaAdmin } = await import('@sandpiper/kafka')
    const admin = kafkaAdmin(place.connection, { clientId: 'test', logger })
    await expect
      .poll(async () => (await admin.ranges(place.topic))[0]?.low, { timeout: 15_000 })
      .toBe(2)
    await first.stop()
    const second = await mirror.start(0, 1)
    expect((await copied(second, 4)).map(({ sequence }) => sequence)).toEqual([3, 4])
    expect(mirror.counters.lost).toBe(2)
    await second.stop()
    await mirror.close()
    await log.close()
  })
})
