import { describe, expect, it } from 'vitest'

import { kafkaSettings, ownColumns } from './kafka-source.ts'
import { parseDatafile } from './parse-datafile.ts'
import { printDatafile } from './print-datafile.ts'

const TOPIC = 'KAFKA_CONNECTION_NAME k\nKAFKA_TOPIC t\nKAFKA_GROUP_ID g\n'

function dataSource(text: string) {
  const { file, errors } = parseDatafile(text, { filename: 'd.datasource' })
  if (file?.kind !== 'datasource') throw new Error(JSON.stringify(errors))
  return file
}

function connection(lines: string) {
  const parsed = parseDatafile(`TYPE kafka\n${lines}`, { filename: 'k.connection' })
  const [first] = parsed.errors
  return first === undefined ? null : `${first.line}:${first.column} ${first.message}`
}

describe('a data source that is filled from a topic', () => {
  it('has the columns of the record before its own, __headers only when it stores them', () => {
    const names = (text: string) => dataSource(text).columns.map(({ name }) => name)
    const meta = ['__value', '__topic', '__partition', '__offset', '__timestamp', '__key']
    const schema = 'SCHEMA >\n    a String `json:$.a`\n'
    expect(names(`${schema}${TOPIC}`)).toEqual([...meta, 'a'])
    expect(names(`${schema}${TOPIC}KAFKA_STORE_HEADERS true\n`)).toEqual([
      ...meta,
      '__headers',
      'a',
    ])
    expect(names(schema)).toEqual(['a'])
  })

  it('prints what a person wrote, and may name a column of the server where it likes', () => {
    const text = dataSource(`SCHEMA >\n    a String \`json:$.a\`,\n    __offset Int64\n${TOPIC}`)
    expect(printDatafile(text)).toContain(
      'SCHEMA >\n    a String `json:$.a`,\n    __offset Int64\n',
    )
    expect(ownColumns(text).map(({ name }) => name)).toEqual(['a'])
    const only = dataSource(`SCHEMA >\n    __key String CODEC(ZSTD(3))\n${TOPIC}`)
    expect(printDatafile(only)).toContain('SCHEMA >\n    __key String CODEC(ZSTD(3))\n')
    const plain = dataSource(`SCHEMA >\n    __key String\n${TOPIC}`)
    expect(parseDatafile(printDatafile(plain), { filename: 'd.datasource' }).file).toEqual(plain)
  })

  it.each([
    ['    __offset String', '1:8 Column __offset is filled by the server, as Int64'],
    ['    __key String `json:$.k`', '1:8 Column __key is filled by the server, as String'],
  ])('refuses %j: the server fills it', (column, expected) => {
    const { errors } = parseDatafile(`SCHEMA >\n${column}\n${TOPIC}`, { filename: 'd.datasource' })
    const [first] = errors
    expect(`${first?.line}:${first?.column} ${first?.message}`).toBe(expected)
  })

  it('reads its settings with their defaults, whatever their case', () => {
    const schema = 'SCHEMA >\n    a String `json:$.a`\n'
    expect(kafkaSettings(dataSource(`${schema}${TOPIC}`))).toEqual({
      ...{ connectionName: 'k', topic: 't', groupId: 'g', offsetReset: 'latest' },
      ...{ storeRawValue: false, storeHeaders: false },
      ...{ keyFormat: 'json_without_schema', valueFormat: 'json_without_schema' },
    })
    const more =
      'KAFKA_AUTO_OFFSET_RESET EARLIEST\nKAFKA_STORE_RAW_VALUE 1\nKAFKA_VALUE_FORMAT Avro\n'
    expect(kafkaSettings(dataSource(`${schema}${TOPIC}${more}`))).toMatchObject({
      ...{ offsetReset: 'earliest', storeRawValue: true, valueFormat: 'avro' },
    })
    const { errors } = parseDatafile(`${schema}${TOPIC}KAFKA_KEY_FORMAT xml`, {
      filename: 'd.datasource',
    })
    expect(errors[0]?.message).toBe("KAFKA_KEY_FORMAT 'xml' is not valid")
  })
})

describe('a Kafka connection', () => {
  const SERVERS = 'KAFKA_BOOTSTRAP_SERVERS a:9092, b.example:9093\n'
  const LOGIN = 'KAFKA_KEY {{ tb_secret("k") }}\nKAFKA_SECRET {{ tb_secret("s") }}\n'

  it.each([
    ['a login is the default', `${SERVERS}${LOGIN}`],
    ['no login', `${SERVERS}KAFKA_SECURITY_PROTOCOL plaintext`],
    ['TLS without a login', `${SERVERS}KAFKA_SECURITY_PROTOCOL SSL`],
    ['SCRAM', `${SERVERS}${LOGIN}KAFKA_SASL_MECHANISM SCRAM-SHA-256`],
    ['servers by a secret', `KAFKA_BOOTSTRAP_SERVERS {{ tb_secret("b") }}\n${LOGIN}`],
  ])('is read: %s', (_what, lines) => {
    expect(connection(lines)).toBeNull()
  })

  it.each([
    [SERVERS, '1:1 SASL_SSL needs KAFKA_KEY and KAFKA_SECRET'],
    [`${SERVERS}KAFKA_KEY x`, '1:1 SASL_SSL needs KAFKA_SECRET'],
    [
      `${SERVERS}${LOGIN}KAFKA_SASL_MECHANISM OAUTHBEARER`,
      '5:1 KAFKA_SASL_MECHANISM OAUTHBEARER (AWS IAM) is not supported',
    ],
    [
      `${SERVERS}${LOGIN}KAFKA_SASL_OAUTHBEARER_METHOD AWS`,
      '5:1 KAFKA_SASL_MECHANISM OAUTHBEARER (AWS IAM) is not supported',
    ],
    [`KAFKA_BOOTSTRAP_SERVERS a\n${LOGIN}`, "2:25 KAFKA_BOOTSTRAP_SERVERS 'a' is not host:port"],
    [
      `KAFKA_BOOTSTRAP_SERVERS a:70000\n${LOGIN}`,
      "2:25 KAFKA_BOOTSTRAP_SERVERS 'a:70000' is not host:port",
    ],
    [
      `${SERVERS}${LOGIN}KAFKA_SCHEMA_REGISTRY_URL file:///etc/passwd`,
      '5:27 KAFKA_SCHEMA_REGISTRY_URL is not a URL',
    ],
    [
      `${SERVERS}${LOGIN}KAFKA_SSL_CA_PEM x`,
      '5:18 KAFKA_SSL_CA_PEM is not a certificate in PEM form',
    ],
  ])('refuses %j', (lines, expected) => {
    expect(connection(lines)).toBe(expected)
  })
})
