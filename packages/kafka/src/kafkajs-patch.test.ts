// The patch of kafkajs is in place: what one record or one batch costs is bounded. See docs/dependencies.md.
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'

const PROTOCOL = 'kafkajs/src/protocol'
const load = createRequire(import.meta.url)
const use = (path: string): unknown => load(`${PROTOCOL}/${path}`)

interface Encoder {
  readonly buffer: Buffer
  writeInt32(value: number): Encoder
  writeEncoder(other: Encoder): Encoder
  size(): number
}
interface Decoded {
  readonly value: Buffer
  readonly headers: Readonly<Record<string, Buffer | Buffer[]>>
}
type Decoder = object
const Decoder = use('decoder') as new (bytes: Buffer) => Decoder
const Encoder = use('encoder') as new () => Encoder
const encodeRecord = use('recordBatch/record/v0') as (record: object) => Encoder
const { RecordBatch } = use('recordBatch/v0') as {
  RecordBatch: (batch: object) => Promise<Encoder>
}
const decodeMessages = use('requests/fetch/v4/decodeMessages') as (
  decoder: Decoder,
) => Promise<Decoded[]>

async function decoded(records: readonly Encoder[]): Promise<Decoded[]> {
  const batch = await RecordBatch({ partitionLeaderEpoch: 0, records })
  const messages = new Encoder().writeInt32(batch.size()).writeEncoder(batch)
  return decodeMessages(new Decoder(messages.buffer))
}

const recordWith = (headers: Readonly<Record<string, string | string[]>>): Encoder =>
  encodeRecord({ value: Buffer.from('v'), headers })

test('of a record with 10,000 headers no more than 1,001 are taken', async () => {
  const names = Array.from({ length: 10_000 }, (_, index) => [`h${String(index)}`, 'x'])
  const [record] = await decoded([recordWith(Object.fromEntries(names) as Record<string, string>)])
  expect(Object.keys(record?.headers ?? {})).toHaveLength(1_001)
  const [repeated] = await decoded([recordWith({ h: Array<string>(10_000).fill('x') })])
  expect(repeated?.headers['h']).toHaveLength(1_001)
})

test('headers keep their values, of names given twice and of names that objects know', async () => {
  const headers = { a: '1', b: ['2', '3', '4'], ['__proto__']: '5', constructor: '6' }
  const [record] = await decoded([recordWith(headers)])
  const texts = Object.entries(record?.headers ?? {}).map(([name, value]) => [name, String(value)])
  expect(texts).toEqual([
    ['a', '1'],
    ['b', '2,3,4'],
    ['__proto__', '5'],
    ['constructor', '6'],
  ])
})

test('a batch of 200,000 records is read', async () => {
  const record = recordWith({})
  const records = await decoded(Array<Encoder>(200_000).fill(record))
  expect(records).toHaveLength(200_000)
})
