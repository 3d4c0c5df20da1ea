// One partition without a broker: what it asks for, and what it appends, while decoders, logs and other partitions are in its way.
import type { NewFrame, StreamPosition } from '@sandpiper/eventlog'
import type { KafkaRecord } from '@sandpiper/kafka'
import { createLogger } from '@sandpiper/telemetry'
import { beforeEach, describe, expect, test } from 'vitest'

import { createHeldBytes, type HeldBytes } from './held-bytes.ts'
import { createKafkaCounters } from './kafka-counters.ts'
import { KAFKA_LIMITS, type KafkaDeps } from './kafka-deps.ts'
import type { KafkaSource, RecordDecoder } from './kafka-source.ts'
import { PartitionIntake } from './partition-intake.ts'

type Appended = NewFrame & { readonly position: StreamPosition }

const source: KafkaSource = {
  ...{ workspaceId: 'w', dataSourceId: 't_1', dataSourceName: 'events' },
  connection: { bootstrapServers: [], tls: null, sasl: null },
  ...{ groupId: 'g', topic: 't', offsetReset: 'earliest', isPaused: false },
}
const decoderOfVersion = (schemaVersion: number): RecordDecoder => ({
  schemaVersion,
  decode: (records) =>
    records.map(({ offset }) => ({ kind: 'row', json: `{"v":${schemaVersion},"n":${offset}}` })),
})

/** What was asked of the reader, and what is in the log. */
let asked: string[]
let appended: Appended[]
let decoder: RecordDecoder
/** What the log does with a frame before it takes it. */
let beforeAppend: () => Promise<void>
let held: HeldBytes
let troubles: unknown[]
let intake: PartitionIntake
let onAsked: () => void
let onAppended: () => void
const HELD_MAX = 1_000

beforeEach(() => {
  const counters = createKafkaCounters()
  ;[asked, appended, troubles] = [[], [], []]
  onAsked = onAppended = () => undefined
  decoder = decoderOfVersion(1)
  beforeAppend = () => Promise.resolve()
  held = createHeldBytes(HELD_MAX, counters)
  const deps: KafkaDeps = {
    sources: { list: () => Promise.resolve([source]) },
    decoderOf: () => Promise.resolve(decoder),
    positions: {
      known: () => Promise.resolve(),
      find: () => null,
      set: () => Promise.resolve(),
      async append(frame) {
        await beforeAppend()
        const sequence = appended.push(frame)
        onAppended()
        return sequence
      },
    },
    ...{ observer: { noted: () => undefined }, counters },
    logger: createLogger({ service: 'test', level: 'silent' }),
    ...{ now: () => 0, newRequestId: () => 'r', random: () => 0 },
    limits: { ...KAFKA_LIMITS, partitionBytesMax: 500 },
  }
  const owner = {
    ...{ source, stream: 's', distrusted: () => undefined },
    troubled: (_: number, problem: unknown) => troubles.push(problem),
  }
  const start = { partition: 0, epoch: 0, next: 0 }
  intake = new PartitionIntake(deps, owner, held, new AbortController().signal, start)
  const ask = (text: string): void => {
    asked.push(text)
    onAsked()
  }
  intake.assign({
    seek: (_, offset) => {
      ask(`seek ${offset}`)
    },
    pause: () => {
      ask('pause')
    },
    resume: () => {
      ask('resume')
    },
  })
  asked = []
})

const recordAt = (offset: number): KafkaRecord => ({
  ...{ topic: 't', partition: 0, offset, timestampMs: 0 },
  ...{ key: null, value: Buffer.from('{}'), headers: [] },
})
const fetch = (from: number, next: number): void => {
  const records = Array.from({ length: next - from }, (_, index) => recordAt(from + index))
  intake.fetched({ partition: 0, from, next, end: next, records })
}
const whenAsked = (text: string): Promise<void> =>
  new Promise((resolve) => {
    onAsked = () => {
      if (asked.at(-1) === text) resolve()
    }
  })
const whenAppended = (): Promise<void> => new Promise((resolve) => (onAppended = resolve))
const rowsOf = (frame: Appended | undefined): string[] =>
  frame?.rows.toString().split('\n').slice(0, -1) ?? []

describe('a decoder that is replaced while a frame waits', () => {
  test('is taken up by records that the old one could not tell: they are asked for again, also by a partition that was paused', async () => {
    const mended = decoderOfVersion(1)
    decoder = {
      schemaVersion: 1,
      decode: () => {
        decoder = mended
        return Promise.reject(new Error('the address of the registry is wrong'))
      },
    }
    const resumed = whenAsked('resume')
    fetch(0, 3)
    await resumed
    expect(asked).toEqual(['pause', 'seek 0', 'resume'])
    const stored = whenAppended()
    fetch(0, 3)
    await stored
    await intake.settled()
    expect(appended.map(({ position }) => [position.from, position.next])).toEqual([[0, 3]])
    expect(intake.position).toBe(3)
    expect(troubles.at(-1)).toBeNull()
    expect(held.isFull()).toBe(false)
  })

  test('is taken up by rows that the log did not take: they are decoded for the columns of now', async () => {
    beforeAppend = () => {
      decoder = decoderOfVersion(2)
      beforeAppend = () => Promise.resolve()
      return Promise.reject(new Error('the disk is full'))
    }
    const sought = whenAsked('resume')
    fetch(0, 1)
    await sought
    const stored = whenAppended()
    fetch(0, 1)
    await stored
    await intake.settled()
    expect(appended.map(({ schemaVersion }) => schemaVersion)).toEqual([2])
    expect(rowsOf(appended[0])).toEqual(['{"v":2,"n":0}'])
  })

  test('is not looked for by what succeeds, and the same one is tried again with the same records', async () => {
    let failures = 2
    beforeAppend = () =>
      failures-- > 0 ? Promise.reject(new Error('the disk is full')) : Promise.resolve()
    const stored = whenAppended()
    fetch(0, 1)
    await stored
    await intake.settled()
    expect(asked).toEqual([])
    expect(rowsOf(appended[0])).toEqual(['{"v":1,"n":0}'])
  })
})

test('a partition that holds nothing goes on while others hold all the memory there is', async () => {
  held.add(HELD_MAX + 1)
  for (const from of [0, 1, 2]) {
    const resumed = whenAsked('resume')
    fetch(from, from + 1)
    expect(asked.at(-1)).toBe('pause')
    await resumed
  }
  await intake.settled()
  expect(appended.flatMap(rowsOf).length).toBe(3)
})
