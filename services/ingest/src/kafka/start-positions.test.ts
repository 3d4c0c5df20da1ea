import { STREAM_NAME_BYTES_MAX } from '@sandpiper/eventlog'
import { expect, test } from 'vitest'

import { startPositions, streamName } from './start-positions.ts'

test('the name of a stream says cluster, group and topic', () => {
  expect(streamName({ groupId: 'g', topic: 't' }, 'c')).toBe('kafka:["c","g","t"]')
})

test('however long a group or cluster id is, the name is short, the same each time, and its own', () => {
  const long = '"'.repeat(300_000)
  const names = [
    streamName({ groupId: `${long}1`, topic: 't' }, 'c'),
    streamName({ groupId: `${long}2`, topic: 't' }, 'c'),
    streamName({ groupId: 'g', topic: 't' }, `${long}1`),
    streamName({ groupId: '\u0001'.repeat(180), topic: 't' }, 'c'),
  ]
  expect(new Set(names).size).toBe(names.length)
  for (const name of names)
    expect(Buffer.byteLength(JSON.stringify(name))).toBeLessThanOrEqual(STREAM_NAME_BYTES_MAX)
  expect(streamName({ groupId: `${long}1`, topic: 't' }, 'c')).toBe(names[0])
})

test('a topic with more than 10,000 partitions is not read', async () => {
  const ranges = Array.from({ length: 10_001 }, (_, partition) => ({ partition, low: 0, high: 0 }))
  const positions = { find: () => null, set: () => Promise.resolve() }
  const begun = startPositions(
    {
      positions: { ...positions, known: () => Promise.resolve(), append: () => Promise.resolve(1) },
    },
    {
      ...{ workspaceId: 'w', dataSourceId: 't_1', dataSourceName: 'events' },
      connection: { bootstrapServers: [], tls: null, sasl: null },
      ...{ groupId: 'g', topic: 't', offsetReset: 'earliest', isPaused: false },
    },
    { ranges: () => Promise.resolve(ranges), committed: () => Promise.resolve(new Map()) },
    { stream: 's', wasGone: false },
  )
  await expect(begun).rejects.toThrow("The topic 't' has more than 10000 partitions.")
})
