// Against a real broker: what is written is read, in every security protocol, packed by every codec, from where the owner says.
import { createLogger } from '@sandpiper/telemetry'
import { startKafka, type SecureKafka, type TestKafka } from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  kafkaAdmin,
  type FetchedBatch,
  type KafkaAdmin,
  type KafkaConnection,
  KafkaProblem,
  openKafkaProducer,
  startTopicReader,
} from './kafka.ts'

const logged: string[] = []
const logger = createLogger(
  { service: 'test', level: 'trace' },
  { write: (line) => logged.push(line) },
)
const options = { clientId: 'test', logger }

let kafka: TestKafka
let plain: KafkaConnection
let admin: KafkaAdmin
beforeAll(async () => {
  kafka = await startKafka({ secure: true })
  plain = { bootstrapServers: [kafka.bootstrap], tls: null, sasl: null }
  admin = kafkaAdmin(plain, options)
}, 180_000)
afterAll(() => kafka.stop())

async function produce(
  topic: string,
  values: readonly (string | null)[],
  partition = 0,
): Promise<void> {
  const producer = await openKafkaProducer(plain, options)
  await producer.send(
    topic,
    values.map((value) => ({ key: null, value, partition })),
  )
  await producer.close()
}

/** Reads partition 0 from `from` until `count` records came. */
async function read(
  topic: string,
  {
    from = 0,
    count,
    connection = plain,
  }: { from?: number; count: number; connection?: KafkaConnection },
): Promise<FetchedBatch[]> {
  const batches: FetchedBatch[] = []
  let end: () => void = () => undefined
  let fail: (reason: Error) => void = () => undefined
  const done = new Promise<void>((resolve, reject) => ([end, fail] = [resolve, reject]))
  const reader = await startTopicReader(
    { ...options, connection, topic, groupId: `of ${topic}` },
    {
      assigned: (partitions, steer) => {
        for (const partition of partitions) steer.seek(partition, from)
      },
      fetched: (batch) => {
        batches.push(batch)
        if (batches.reduce((sum, each) => sum + each.records.length, 0) >= count) end()
      },
      failed: fail,
    },
  )
  try {
    await done
  } finally {
    await reader.close()
  }
  return batches
}

const values = (batches: readonly FetchedBatch[]): (string | null)[] =>
  batches.flatMap((batch) => batch.records.map(({ value }) => value?.toString() ?? null))

test('records come as they were written, with key, headers and time, and a tombstone without a value', async () => {
  await admin.createTopic('whole', 1)
  const producer = await openKafkaProducer(plain, options)
  const headers = { trace: 'a', bytes: Buffer.from([0xff]) }
  const stored = await producer.send('whole', [
    { key: 'k', value: 'v', headers, timestampMs: 1_700_000_000_123 },
    { key: Buffer.from([1]), value: null },
  ])
  await producer.close()
  expect(stored).toEqual([{ partition: 0, baseOffset: 0 }])
  const [first, second] = (await read('whole', { count: 2 })).flatMap((batch) => batch.records)
  expect(first).toEqual({
    ...{ topic: 'whole', partition: 0, offset: 0, timestampMs: 1_700_000_000_123 },
    ...{ key: Buffer.from('k'), value: Buffer.from('v') },
    headers: [
      ['trace', Buffer.from('a')],
      ['bytes', Buffer.from([0xff])],
    ],
  })
  expect(second).toMatchObject({ offset: 1, key: Buffer.from([1]), value: null, headers: [] })
})

test('what the group has committed counts for nothing: reading begins where the owner says', async () => {
  await admin.createTopic('sought', 1)
  await produce('sought', ['0', '1', '2', '3'])
  const seen = await read('sought', { from: 3, count: 1 })
  expect(seen.map(({ from, next, end }) => ({ from, next, end }))).toEqual([
    { from: 3, next: 4, end: 4 },
  ])
  expect(values(await read('sought', { from: 1, count: 3 }))).toEqual(['1', '2', '3'])
})

test.each(['snappy', 'lz4', 'zstd', 'gzip'])(
  'batches that are packed with %s are read',
  async (codec) => {
    await admin.createTopic(codec, 1, { 'compression.type': codec })
    const sent = Array.from({ length: 2_000 }, (_, n) =>
      JSON.stringify({ n, text: 'ab'.repeat(n % 300), r: (n * 7919) % 65_537 }),
    )
    await produce(codec, sent)
    expect(values(await read(codec, { count: sent.length }))).toEqual(sent)
  },
)

describe('a cluster that asks', () => {
  const sasl = (secure: SecureKafka, mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512') => ({
    ...{ mechanism, username: secure.username, password: secure.password },
  })
  const secureOf = (): SecureKafka => kafka.secure!

  test.each(['ssl', 'plain', 'scram-sha-256', 'scram-sha-512', 'ssl and scram-sha-512'] as const)(
    'is read over %s',
    async (how) => {
      const secure = secureOf()
      const topic = how.replaceAll(' ', '-')
      await admin.createTopic(topic, 1)
      await produce(topic, ['x'])
      const mechanism = how === 'ssl and scram-sha-512' ? 'scram-sha-512' : how
      const address =
        how === 'ssl' ? secure.ssl : how.startsWith('ssl') ? secure.saslSsl : secure.saslPlaintext
      const connection: KafkaConnection = {
        bootstrapServers: [address],
        tls: how.startsWith('ssl') ? { caPem: secure.caPem } : null,
        sasl: mechanism === 'ssl' ? null : sasl(secure, mechanism),
      }
      expect(values(await read(topic, { count: 1, connection }))).toEqual(['x'])
    },
  )

  test.each([
    [
      'a wrong password',
      () => ({ sasl: { ...sasl(secureOf(), 'plain'), password: 'wrong-secret' } }),
    ],
    [
      'an unknown name',
      () => ({
        sasl: { ...sasl(secureOf(), 'scram-sha-512'), username: 'bob', password: 'wrong-secret' },
      }),
    ],
  ])('refuses %s, and no message or log line has the password', async (_, login) => {
    const connection: KafkaConnection = {
      bootstrapServers: [secureOf().saslPlaintext],
      tls: null,
      ...login(),
    }
    const refused = await kafkaAdmin(connection, options)
      .topics()
      .then(
        () => null,
        (err: unknown) => err as KafkaProblem,
      )
    expect(refused).toBeInstanceOf(KafkaProblem)
    expect(refused?.kind).toBe('denied')
    expect(`${refused?.message} ${logged.join('')}`).not.toContain('wrong-secret')
    expect(logged.length).toBeGreaterThan(0)
  })

  test('whose certificate nobody vouches for is not read', async () => {
    const connection: KafkaConnection = {
      bootstrapServers: [secureOf().ssl],
      tls: { caPem: null },
      sasl: null,
    }
    await expect(kafkaAdmin(connection, options).topics()).rejects.toMatchObject({ kind: 'away' })
  })
})

test('a topic that is not there is told apart, and is not made by asking', async () => {
  await expect(admin.ranges('nowhere')).rejects.toMatchObject({ kind: 'missing' })
  expect(await admin.topics()).not.toContain('nowhere')
  await produce('whole', ['more'])
  expect(await admin.ranges('whole')).toEqual([{ partition: 0, low: 0, high: 3 }])
})
