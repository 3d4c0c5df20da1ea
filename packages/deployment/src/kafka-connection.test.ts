import { parseDatafile } from '@sandpiper/datafile'
import { describe, expect, it } from 'vitest'

import { resolveKafkaConnection, resolveKafkaTopic } from './kafka-connection.ts'

const SECRETS = new Map([
  ['user', 'al/ice@x'],
  ['pass', 'p:7f3a$&'],
  ['url', 'https://a:b@registry.example'],
  ['env', 'prod'],
])

function resolved(lines: string) {
  const text = `TYPE kafka\nKAFKA_BOOTSTRAP_SERVERS a:1, b:2\n${lines}`
  const { file, errors } = parseDatafile(text, { filename: 'k.connection' })
  if (file?.kind !== 'connection') throw new Error(JSON.stringify(errors))
  return resolveKafkaConnection(file, SECRETS)
}

const LOGIN = `KAFKA_KEY {{ tb_secret("user") }}\nKAFKA_SECRET {{tb_secret('pass')}}\n`

describe('a Kafka connection in use', () => {
  it('has its secrets in place, TLS and a login by default', () => {
    expect(resolved(LOGIN)).toEqual({
      kind: 'ok',
      value: {
        ...{ bootstrapServers: ['a:1', 'b:2'], tls: { caPem: null }, registryUrl: null },
        sasl: { mechanism: 'plain', username: 'al/ice@x', password: 'p:7f3a$&' },
      },
    })
    expect(resolved('KAFKA_SECURITY_PROTOCOL plaintext\n')).toMatchObject({
      value: { tls: null, sasl: null },
    })
    const scram = `${LOGIN}KAFKA_SECURITY_PROTOCOL SASL_PLAINTEXT\nKAFKA_SASL_MECHANISM SCRAM-SHA-512\n`
    expect(resolved(scram)).toMatchObject({
      value: { tls: null, sasl: { mechanism: 'scram-sha-512' } },
    })
  })

  it('escapes a login in the URL of its registry, and takes a URL that is a secret as it is', () => {
    const url = (text: string) => resolved(`${LOGIN}KAFKA_SCHEMA_REGISTRY_URL ${text}\n`)
    expect(
      url('https://{{ tb_secret("user") }}:{{ tb_secret("pass") }}@r.example:8081'),
    ).toMatchObject({
      value: { registryUrl: 'https://al%2Fice%40x:p%3A7f3a%24%26@r.example:8081' },
    })
    expect(url('{{ tb_secret("url") }}')).toMatchObject({
      value: { registryUrl: 'https://a:b@registry.example' },
    })
  })

  it.each([
    [`KAFKA_KEY {{ tb_secret("none") }}\nKAFKA_SECRET x`, "the workspace has no secret 'none'"],
    ['KAFKA_KEY ***\nKAFKA_SECRET ***', 'was written in plain text'],
    [
      `${LOGIN}KAFKA_SASL_MECHANISM {{ tb_secret("env") }}`,
      'KAFKA_SASL_MECHANISM of the connection k',
    ],
    [`KAFKA_KEY {{ 7 * 7 }}\nKAFKA_SECRET x`, 'only {{ tb_secret("NAME") }} is replaced'],
  ])('with %j says what is wrong, and no secret', (lines, expected) => {
    const outcome = resolved(lines)
    expect(outcome).toMatchObject({
      kind: 'problem',
      message: expect.stringContaining(expected) as string,
    })
    expect(JSON.stringify(outcome)).not.toContain('7f3a')
  })

  it('takes a default where a secret is not set', () => {
    const text = `KAFKA_KEY {{ tb_secret("none", "anyone") }}\nKAFKA_SECRET x\n`
    expect(resolved(text)).toMatchObject({ value: { sasl: { username: 'anyone' } } })
  })

  it('names topic and group by secrets too, and only topics that there can be', () => {
    const topic = (name: string) => {
      const text = `SCHEMA >\n    a String\nKAFKA_CONNECTION_NAME k\nKAFKA_TOPIC ${name}\nKAFKA_GROUP_ID g_{{ tb_secret("env") }}\n`
      const { file } = parseDatafile(text, { filename: 'd.datasource' })
      if (file?.kind !== 'datasource') throw new Error('it was not read')
      return resolveKafkaTopic(file, SECRETS)
    }
    expect(topic('clicks_{{ tb_secret("env") }}')).toEqual({
      ...{ kind: 'ok', value: { topic: 'clicks_prod', groupId: 'g_prod' } },
    })
    expect(topic('a/b')).toMatchObject({ kind: 'problem' })
    expect(topic('{{ tb_secret("none") }}')).toMatchObject({ kind: 'problem' })
  })
})
