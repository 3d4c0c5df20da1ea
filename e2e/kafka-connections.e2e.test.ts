// Kafka connections against a real broker: each way to log in, each format, what is shown of them and what is not. The schema registry is
// a small server that speaks what Confluent documents: no real one can be had from Maven Central.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import kafkajs from 'kafkajs'
import {
  startKafka,
  startSandpiper,
  type RunningSandpiper,
  type TestKafka,
} from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { eventually } from './support/eventually.ts'
import { createCaller, deployProject, type Caller } from './support/http.ts'

let kafka: TestKafka
let product: RunningSandpiper
let admin: Caller
let registry: Server
let registryUrl = ''
let isRegistryAway = false

beforeAll(async () => {
  ;[kafka, registry] = await Promise.all([startKafka({ secure: true }), startRegistry()])
  product = await startSandpiper({
    bundled: process.env['SANDPIPER_TEST_SOURCES'] !== '1',
    env: { SANDPIPER_CONNECTION_PRIVATE_HOSTS: '127.0.0.1', SANDPIPER_LOG_LEVEL: 'debug' },
  })
  admin = createCaller(product.url, product.tokens.workspace_admin_token)
  await secret('kafka_user', kafka.secure?.username ?? '')
  await secret('kafka_password', kafka.secure?.password ?? '')
}, 180_000)
afterAll(async () => {
  await product.stop()
  registry.closeAllConnections()
  registry.close()
  await kafka.stop()
})

/** Knows one Avro schema (7) and one Protobuf schema (9). */
async function startRegistry(): Promise<Server> {
  const avro = JSON.stringify({
    ...{ type: 'record', name: 'E' },
    fields: [
      { name: 'id', type: 'long' },
      { name: 'name', type: ['null', 'string'] },
    ],
  })
  const proto = 'syntax = "proto3"; message E { uint64 id = 1; string name = 2; }'
  const known: Record<string, unknown> = {
    '/schemas/ids/7': { schema: avro },
    '/schemas/ids/9': { schema: proto, schemaType: 'PROTOBUF' },
  }
  const server = createServer((request, reply) => {
    const body = known[request.url ?? '']
    if (isRegistryAway) reply.writeHead(503).end()
    else if (body === undefined) reply.writeHead(404).end('{"error_code":40403}')
    else reply.end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  registryUrl = `http://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}`
  return server
}

async function secret(name: string, value: string): Promise<void> {
  const { status } = await admin.post(
    '/v0/variables',
    new URLSearchParams({ name, value, type: 'secret' }),
  )
  expect(status).toBe(200)
}

/** Makes a topic with these values in it. */
async function topicWith(topic: string, values: readonly (Buffer | string)[]): Promise<void> {
  const client = new kafkajs.Kafka({
    brokers: [kafka.bootstrap],
    logLevel: kafkajs.logLevel.NOTHING,
  })
  const broker = client.admin()
  await broker.connect()
  await broker.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true })
  await broker.disconnect()
  const producer = client.producer()
  await producer.connect()
  const messages = values.map((value, index) => ({ key: `k${String(index)}`, value }))
  await producer.send({ topic, messages })
  await producer.disconnect()
}

const project: Record<string, string> = {}

/** Adds files to what is live. */
async function deploy(files: Readonly<Record<string, string>>): Promise<void> {
  Object.assign(project, files)
  await deployProject(admin, project)
}

async function put(
  path: string,
  body?: URLSearchParams,
): Promise<{ status: number; json: unknown }> {
  const headers = { Authorization: `Bearer ${product.tokens.workspace_admin_token}` }
  const answer = await fetch(new URL(path, product.url), {
    ...{ method: 'PUT', headers },
    ...(body !== undefined && { body }),
  })
  return { status: answer.status, json: await answer.json() }
}

const LOGIN =
  'KAFKA_KEY {{ tb_secret("kafka_user") }}\nKAFKA_SECRET {{ tb_secret("kafka_password") }}\n'
const COLUMNS = '    id UInt64 `json:$.id`,\n    name Nullable(String) `json:$.name`\n'

function dataSource(topic: string, connection: string, more = ''): string {
  return `SCHEMA >\n${COLUMNS}\nENGINE MergeTree\nENGINE_SORTING_KEY id\n\nKAFKA_CONNECTION_NAME ${connection}\nKAFKA_TOPIC ${topic}\nKAFKA_GROUP_ID g_${topic}\nKAFKA_AUTO_OFFSET_RESET earliest\n${more}`
}

function connection(servers: string, lines: string): string {
  return `TYPE kafka\nKAFKA_BOOTSTRAP_SERVERS ${servers}\n${lines}`
}

function pem(): string {
  const lines = (kafka.secure?.caPem ?? '').trim().split('\n')
  return `KAFKA_SSL_CA_PEM >\n${lines.map((line) => `    ${line}`).join('\n')}\n`
}

describe('each way to log in', () => {
  test('reads its topic', async () => {
    const { ssl, saslPlaintext, saslSsl } = kafka.secure ?? {
      ssl: '',
      saslPlaintext: '',
      saslSsl: '',
    }
    const ca = pem()
    const ways: Record<string, string> = {
      plaintext: connection(kafka.bootstrap, 'KAFKA_SECURITY_PROTOCOL PLAINTEXT\n'),
      ssl: connection(ssl, `KAFKA_SECURITY_PROTOCOL SSL\n${ca}`),
      sasl_plain: connection(
        saslPlaintext,
        `KAFKA_SECURITY_PROTOCOL SASL_PLAINTEXT\nKAFKA_SASL_MECHANISM PLAIN\n${LOGIN}`,
      ),
      scram_256: connection(
        saslPlaintext,
        `KAFKA_SECURITY_PROTOCOL SASL_PLAINTEXT\nKAFKA_SASL_MECHANISM SCRAM-SHA-256\n${LOGIN}`,
      ),
      scram_512: connection(saslSsl, `KAFKA_SASL_MECHANISM SCRAM-SHA-512\n${LOGIN}${ca}`),
    }
    const files: Record<string, string> = {}
    for (const [name, text] of Object.entries(ways)) {
      await topicWith(`by_${name}`, ['{"id":18446744073709551615,"name":"é"}'])
      files[`${name}.connection`] = text
      files[`from_${name}.datasource`] = dataSource(`by_${name}`, name)
    }
    await deploy(files)
    for (const name of Object.keys(ways)) {
      const rows = await eventually(
        () =>
          admin.sql(
            `SELECT toString(id) AS id, name, __topic, __partition, __offset, __key FROM from_${name}`,
          ),
        (found) => found.length > 0,
      )
      expect(rows, name).toEqual([
        {
          ...{ id: '18446744073709551615', name: 'é', __topic: `by_${name}` },
          ...{ __partition: 0, __offset: 0, __key: 'k0' },
        },
      ])
    }
    const log = await eventually(
      () =>
        admin.sql(
          "SELECT sum(processed_messages) AS n, sum(committed_messages) AS c FROM tinybird.kafka_ops_log WHERE topic = 'by_ssl'",
        ),
      ([row]) => Number(row?.['n']) > 0,
    )
    expect(log).toEqual([{ n: 1, c: 1 }])
  }, 120_000)

  test('attack 45: no secret is in a listing, a file, a pull, an error or a log', async () => {
    const { username, password } = kafka.secure ?? { username: '', password: '' }
    const list = await admin.get('/v0/connectors')
    const { json } = list
    const [first] = (json as { connectors: { id: string }[] }).connectors
    const answers = await Promise.all([
      admin.get(`/v0/connectors/${first?.id ?? ''}`),
      admin.get('/v0/connectors/scram_512.connection'),
      admin.get('/v0/connectors/scram_512/preview'),
      admin.get('/v0/connectors/scram_512/preview?kafka_topic=nowhere'),
      admin.get('/v0/datasources'),
    ])
    const told = [list, ...answers].map(({ text }) => text).join('\n') + product.log()
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404, 200])
    expect(told).toContain('tb_secret("kafka_password")')
    expect(told).not.toContain(password)
    expect(told.includes(`"${username}"`)).toBe(false)
  })

  test('with a wrong password fails in words, shows them, and reads when it is right', async () => {
    await secret('late_password', 'wrong-7f3a')
    await topicWith('late', ['{"id":1}'])
    const login = LOGIN.replace('kafka_password', 'late_password')
    const text = connection(
      kafka.secure?.saslPlaintext ?? '',
      `KAFKA_SECURITY_PROTOCOL SASL_PLAINTEXT\nKAFKA_SASL_MECHANISM SCRAM-SHA-256\n${login}`,
    )
    await deploy({ 'late.connection': text, 'late.datasource': dataSource('late', 'late') })
    const linker = async () => {
      const { json } = await admin.get('/v0/connectors/late')
      return (json as { linkers: { error: string | null; reader: string }[] }).linkers[0]
    }
    const failing = await eventually(linker, (each) => each?.reader === 'failing')
    expect(failing?.error).toMatch(/auth/i)
    expect(failing?.error).not.toContain('7f3a')
    const value = kafka.secure?.password ?? ''
    await put('/v0/variables/late_password', new URLSearchParams({ value }))
    const rows = await eventually(
      () => admin.sql('SELECT count() AS n FROM late'),
      ([row]) => Number(row?.['n']) > 0,
    )
    expect(rows).toEqual([{ n: 1 }])
  }, 60_000)
})

describe('each format', () => {
  const framed = (schemaId: number, hex: string): Buffer => {
    const head = Buffer.alloc(5)
    head.writeInt32BE(schemaId, 1)
    return Buffer.concat([head, Buffer.from(hex, 'hex')])
  }
  const json = Buffer.from('{"id":9007199254740993,"name":"a"}').toString('hex')
  // id 9007199254740993, name "a": by the encoding rules of each format.
  const values = {
    json_with_schema: framed(1, json),
    avro: framed(7, '82808080808080200202' + '61'),
    protobuf: framed(9, '00' + '08818080808080801012' + '0161'),
  }

  test('decodes with every digit; an unknown schema goes to quarantine with where it stands', async () => {
    const text = connection(
      kafka.bootstrap,
      `KAFKA_SECURITY_PROTOCOL PLAINTEXT\nKAFKA_SCHEMA_REGISTRY_URL ${registryUrl}\n`,
    )
    const files: Record<string, string> = { 'reg.connection': text }
    isRegistryAway = true
    for (const [format, value] of Object.entries(values)) {
      const good = format === 'json_with_schema' ? Buffer.from([1, 2]) : framed(404, '00')
      await topicWith(format, [value, good, value])
      files[`as_${format}.datasource`] = dataSource(format, 'reg', `KAFKA_VALUE_FORMAT ${format}\n`)
    }
    await deploy(files)
    const error = async () => {
      const { json: body } = await admin.get('/v0/connectors/reg')
      const { linkers } = body as { linkers: { datasource_name: string; error: string | null }[] }
      return linkers.find(({ datasource_name }) => datasource_name === 'as_avro')?.error ?? ''
    }
    expect(await eventually(error, (each) => each !== '')).toMatch(/schema registry/)
    expect(await admin.sql('SELECT count() AS n FROM as_avro_quarantine')).toEqual([{ n: 0 }])
    isRegistryAway = false
    for (const format of Object.keys(values)) {
      const rows = await eventually(
        () =>
          admin.sql(
            `SELECT toString(id) AS id, name, __offset FROM as_${format} ORDER BY __offset`,
          ),
        (found) => found.length === 2,
      )
      const row = { id: '9007199254740993', name: 'a' }
      expect(rows, format).toEqual([
        { ...row, __offset: 0 },
        { ...row, __offset: 2 },
      ])
      const refused = await eventually(
        () =>
          admin.sql(`SELECT __topic, __partition, __offset, c__error FROM as_${format}_quarantine`),
        (found) => found.length > 0,
      )
      expect(refused, format).toMatchObject([{ __topic: format, __partition: '0', __offset: '1' }])
    }
  }, 120_000)
})

describe('a topic', () => {
  test('is previewed with its newest records and the schema they suggest, and nobody reads on for it', async () => {
    await topicWith('looks', ['{"id":1,"n":{"x":1.5}}', '{"id":2,"n":{"x":2}}', 'no json'])
    const { json, status } = await admin.get(
      '/v0/connectors/plaintext/preview?kafka_topic=looks&max_records=2',
    )
    expect(status).toBe(200)
    const [preview] = (json as { preview: Record<string, unknown>[] }).preview
    expect(preview).toMatchObject({
      topic: 'looks',
      deserialized: {
        data: [
          { __offset: 2, __value: 'no json' },
          { __offset: 1, __key: 'k1' },
        ],
      },
    })
    expect((preview?.['analysis'] as { schema: string }).schema).toContain('`json:$.n.x`')
    const topics = await admin.get('/v0/connectors/plaintext/preview')
    expect((topics.json as { topics: string[] }).topics).toContain('looks')
  }, 60_000)

  test('is read while nobody stops it, and from there on when it is started again', async () => {
    await topicWith('stops', ['{"id":1}'])
    await deploy({
      'p.connection': connection(kafka.bootstrap, 'KAFKA_SECURITY_PROTOCOL PLAINTEXT\n'),
      'stops.datasource': dataSource('stops', 'p'),
    })
    const ids = async () =>
      (await admin.sql('SELECT id FROM stops ORDER BY id')).map(({ id }) => Number(id))
    await eventually(ids, (found) => found.length === 1)
    const path = '/v0/datasources/stops/scheduling/state'
    expect((await put(`${path}?state=paused`)).json).toMatchObject({ state: 'paused' })
    const reader = async () => ((await admin.get(path)).json as { reader?: string }).reader
    await eventually(reader, (each) => each === 'paused')
    const before = await ids()
    expect((await put(`${path}?state=running`)).status).toBe(200)
    await eventually(reader, (each) => each === 'reading')
    expect(await ids()).toEqual(before)
    const gone = await admin.delete('/v0/connectors/p')
    expect([gone.status, gone.text]).toEqual([
      409,
      expect.stringContaining('connection p not found') as string,
    ])
  }, 60_000)
})

test('attack 11: a broker in a private network is not reached unless the operator allows it', async () => {
  const other = await startSandpiper({ bundled: process.env['SANDPIPER_TEST_SOURCES'] !== '1' })
  try {
    const caller = createCaller(other.url, other.tokens.workspace_admin_token)
    await deployProject(caller, {
      'p.connection': connection(kafka.bootstrap, 'KAFKA_SECURITY_PROTOCOL PLAINTEXT\n'),
    })
    const { status, text } = await caller.get('/v0/connectors/p/preview')
    expect([status, text]).toEqual([
      502,
      expect.stringContaining('private or reserved network') as string,
    ])
  } finally {
    await other.stop()
  }
}, 60_000)
