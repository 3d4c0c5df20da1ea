import { parseDatafile, type Datafile } from '@sandpiper/datafile'
import { describe, expect, it } from 'vitest'

import { emptyMap, type DeploymentMap } from './deployment-map.ts'
import { planDeployment } from './plan-deployment.ts'

const CONNECTION = 'TYPE kafka\nKAFKA_BOOTSTRAP_SERVERS a:1\nKAFKA_SECURITY_PROTOCOL PLAINTEXT\n'
const SCHEMA = 'SCHEMA >\n    a String `json:$.a`\n'
const topic = (name = 't', group = 'g') =>
  `KAFKA_CONNECTION_NAME k\nKAFKA_TOPIC ${name}\nKAFKA_GROUP_ID ${group}\n`

function plan(files: Readonly<Record<string, string>>, live: DeploymentMap = emptyMap()) {
  let ids = 0
  const parsed = Object.entries(files).map(([filename, text]): Datafile => {
    const { file, errors } = parseDatafile(text, { filename })
    if (file === null) throw new Error(JSON.stringify(errors))
    return file
  })
  const newId = () => `t_${String(++ids).padStart(32, '0')}`
  const rest = { mode: 'deploy', allowDestructive: true, now: '2026-01-01T00:00:00Z' } as const
  const { result, feedback, next, tables } = planDeployment({ live, files: parsed, newId, ...rest })
  return {
    result,
    messages: feedback.map(({ level, message }) => `${level} ${message}`),
    next,
    tables,
  }
}

const LIVE = plan({ 'k.connection': CONNECTION, 'd.datasource': SCHEMA + topic() })

describe('a project with Kafka', () => {
  it.each([
    [
      'two data sources in one group',
      {
        'k.connection': CONNECTION,
        'd.datasource': SCHEMA + topic(),
        'e.datasource': SCHEMA + topic(),
      },
      /ERROR d reads this topic in the same KAFKA_GROUP_ID/,
    ],
    [
      'Avro without a registry',
      {
        'k.connection': CONNECTION,
        'd.datasource': `${SCHEMA}${topic()}KAFKA_VALUE_FORMAT avro\n`,
      },
      /ERROR KAFKA_VALUE_FORMAT avro needs a schema registry/,
    ],
    [
      'a connection of another type',
      { 'k.connection': 'TYPE s3\nS3_REGION x\nS3_ARN y\n', 'd.datasource': SCHEMA + topic() },
      /ERROR KAFKA_CONNECTION_NAME: connection k is not of TYPE kafka/,
    ],
    ['no connection', { 'd.datasource': SCHEMA + topic() }, /ERROR .*connection k not found/],
  ])('with %s is refused', (_what, files, expected) => {
    const { result, messages } = plan(files)
    expect(result).toBe('failed')
    expect(messages).toContainEqual(expect.stringMatching(expected))
  })

  it('keeps a connection that is in use', () => {
    const { result, messages } = plan({ 'd.datasource': SCHEMA + topic() }, LIVE.next)
    expect(result).toBe('failed')
    expect(messages).toContainEqual(expect.stringMatching(/connection k not found/))
  })

  it('says what another topic or group means, and keeps the table', () => {
    for (const change of [topic('u'), topic('t', 'h')]) {
      const { result, messages, tables } = plan(
        { 'k.connection': CONNECTION, 'd.datasource': SCHEMA + change },
        LIVE.next,
      )
      expect(result).toBe('success')
      expect(messages).toContainEqual(expect.stringMatching(/^INFO It reads the (topic u|group h)/))
      expect(tables).toEqual([{ dataSource: 'd', kind: 'alter', fill: 'empty' }])
    }
  })

  it('adds the columns of Kafka to a live table in place, and does not drop them without leave', () => {
    const plain = plan({ 'd.datasource': SCHEMA })
    const added = plan({ 'k.connection': CONNECTION, 'd.datasource': SCHEMA + topic() }, plain.next)
    expect(added.tables).toEqual([{ dataSource: 'd', kind: 'alter', fill: 'empty' }])
    const removed = plan({ 'k.connection': CONNECTION, 'd.datasource': SCHEMA }, LIVE.next)
    expect(removed.result).toBe('failed')
    expect(removed.messages).toContainEqual(expect.stringMatching(/write it in SCHEMA to keep it/))
    const meta =
      '__value String, __topic LowCardinality(String), __partition Int16, __offset Int64, __timestamp DateTime, __key String'
    const kept = plan(
      {
        'k.connection': CONNECTION,
        'd.datasource': `SCHEMA >\n    ${meta},\n    a String \`json:$.a\`\n`,
      },
      LIVE.next,
    )
    expect(kept.result).toBe('success')
    expect(kept.messages).toContainEqual(expect.stringMatching(/no longer filled/))
  })
})
