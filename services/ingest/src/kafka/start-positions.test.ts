import { STREAM_NAME_BYTES_MAX } from '@sandpiper/eventlog'
import { expect, test } from 'vitest'

import { streamName } from './start-positions.ts'

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
