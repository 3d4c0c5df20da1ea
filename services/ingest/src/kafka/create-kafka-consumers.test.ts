// Who reads where several data sources name one topic and one group. No reader begins: positions are never known here.
import { createLogger } from '@sandpiper/telemetry'
import { afterEach, expect, test } from 'vitest'

import { createKafkaConsumers } from './create-kafka-consumers.ts'
import { createKafkaCounters } from './kafka-counters.ts'
import { KAFKA_LIMITS } from './kafka-deps.ts'
import type { KafkaConsumers, KafkaSource } from './kafka-source.ts'

let consumers: KafkaConsumers | undefined
afterEach(() => consumers?.close())

const sourceOf = (id: string, over: Partial<KafkaSource> = {}): KafkaSource => ({
  ...{ workspaceId: 'main', dataSourceId: id, dataSourceName: id },
  connection: { bootstrapServers: ['127.0.0.1:1'], tls: null, sasl: null },
  ...{ groupId: 'g', topic: 't', offsetReset: 'earliest', isPaused: false },
  ...over,
})

/** By data source, what is told once these are all that there are. */
async function statesOf(...sources: KafkaSource[]): Promise<Record<string, string>> {
  consumers = createKafkaConsumers({
    sources: { list: () => Promise.resolve(sources) },
    decoderOf: () => Promise.reject(new Error('nothing is read')),
    positions: {
      known: (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('it ends'))
          })
        }),
      find: () => null,
      set: () => Promise.resolve(),
      append: () => Promise.reject(new Error('nothing is appended')),
    },
    ...{ observer: { noted: () => undefined }, counters: createKafkaCounters() },
    logger: createLogger({ service: 'test', level: 'silent' }),
    ...{ now: () => 0, newRequestId: () => 'r', random: () => 0, limits: KAFKA_LIMITS },
  })
  await consumers.reconcile()
  return Object.fromEntries(consumers.states().map((each) => [each.dataSourceId, each.state]))
}

test('a data source that is paused, such as one of a branch, stops no other', async () => {
  const branch = { workspaceId: 'branch', mainId: 'main' }
  expect(await statesOf(sourceOf('b', { ...branch, isPaused: true }), sourceOf('a'))).toEqual({
    b: 'paused',
    a: 'starting',
  })
})

test('of a workspace and its branches the first reads, and the others say why they do not', async () => {
  const branch = { workspaceId: 'branch', mainId: 'main' }
  expect(await statesOf(sourceOf('a'), sourceOf('b', branch), sourceOf('c'))).toEqual({
    ...{ a: 'starting', b: 'failing', c: 'failing' },
  })
  expect(consumers?.states().map(({ error }) => error?.split(' reads')[0])).toEqual([
    undefined,
    'Another data source',
    "'a'",
  ])
})

test('a data source of another workspace stops no reader', async () => {
  expect(await statesOf(sourceOf('x', { workspaceId: 'other' }), sourceOf('a'))).toEqual({
    ...{ x: 'starting', a: 'starting' },
  })
})
