// A small server that speaks what Confluent documents: the registry itself cannot be had here.
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { createOutbound } from '@sandpiper/outbound'
import avsc from 'avsc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { createFormatDecoder } from './format-decoder.ts'
import { createSchemaRegistries } from './schema-registry.ts'

const SCHEMA = { type: 'record', name: 'E', fields: [{ name: 'id', type: 'long' }] }
const signal = AbortSignal.timeout(60_000)

let server: Server
let url: string
let asked: string[]
let answers: Record<string, { status: number; body: unknown }>
let nowMs: number

beforeEach(async () => {
  asked = []
  nowMs = 0
  answers = { '/schemas/ids/7': { status: 200, body: { schema: JSON.stringify(SCHEMA) } } }
  server = createServer((request, reply) => {
    const path = request.url ?? ''
    asked.push(`${request.headers.authorization ?? 'nobody'} ${path}`)
    const unknown = { status: 404, body: { error_code: 40_403, message: 'Schema not found' } }
    const { status, body } = answers[path] ?? unknown
    reply.writeHead(status).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  url = typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : ''
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function registries(privateHosts = ['127.0.0.1']) {
  return createSchemaRegistries({ outbound: createOutbound({ privateHosts }), now: () => nowMs })
}

function framed(schemaId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeInt32BE(schemaId, 1)
  return Buffer.concat([head, payload])
}

const VALUE = avsc.Type.forSchema(SCHEMA as avsc.Schema).toBuffer({ id: 5 })

describe('a schema registry', () => {
  it('is asked once for an id, with the login of its URL, and values decode', async () => {
    const registry = registries().of(`http://us%40er:pa%2Fss@${url}/`)
    const avro = createFormatDecoder('avro', registry)
    expect(avro.decode(framed(7, VALUE))).toEqual({ kind: 'wanted', schemaId: 7 })
    await Promise.all([avro.load(7, signal), avro.load(7, signal)])
    expect(avro.decode(framed(7, VALUE))).toEqual({ kind: 'text', text: '{"id":5}' })
    const login = `Basic ${Buffer.from('us@er:pa/ss').toString('base64')}`
    expect(asked).toEqual([`${login} /schemas/ids/7`])
  })

  it('that does not know an id: the value is refused, and it is asked again after a while', async () => {
    const avro = createFormatDecoder('avro', registries().of(`http://${url}`))
    await avro.load(8, signal)
    expect(avro.decode(framed(8, VALUE))).toMatchObject({ kind: 'refused' })
    answers['/schemas/ids/8'] = { status: 200, body: { schema: JSON.stringify(SCHEMA) } }
    nowMs = 10_000
    expect(avro.decode(framed(8, VALUE))).toEqual({ kind: 'wanted', schemaId: 8 })
    await avro.load(8, signal)
    expect(avro.decode(framed(8, VALUE))).toMatchObject({ kind: 'text' })
  })

  it.each([
    ['is broken', 500, {}],
    ['refuses the login', 401, { error_code: 40_101 }],
    ['is another server', 404, 'Not Found'],
    ['answers what is no schema', 200, {}],
  ])('that %s says nothing about the data: no value is refused', async (_what, status, body) => {
    answers['/schemas/ids/7'] = { status, body }
    const avro = createFormatDecoder('avro', registries().of(`http://u:secret7f3a@${url}`))
    const failed = await avro.load(7, signal).then(
      () => null,
      (err: unknown) => err,
    )
    expect(failed).toMatchObject({ code: 'remote.unavailable' })
    expect(String(failed)).not.toContain('secret7f3a')
    expect(avro.decode(framed(7, VALUE))).toEqual({ kind: 'wanted', schemaId: 7 })
  })

  it('in a private network is asked only when the operator allows it', async () => {
    const avro = createFormatDecoder('avro', registries([]).of(`http://${url}`))
    await expect(avro.load(7, signal)).rejects.toMatchObject({ code: 'request.invalid' })
    expect(asked).toEqual([])
  })

  it('gives schemas with what they name, circles too', async () => {
    const reference = (subject: string) => [{ name: `${subject}.avsc`, subject, version: 1 }]
    const outer = { type: 'record', name: 'O', fields: [{ name: 'e', type: 'E' }] }
    answers['/schemas/ids/9'] = {
      status: 200,
      body: { schema: JSON.stringify(outer), references: reference('E') },
    }
    answers['/subjects/E/versions/1'] = {
      status: 200,
      body: { schema: JSON.stringify(SCHEMA), references: reference('E') },
    }
    const avro = createFormatDecoder('avro', registries().of(`http://${url}`))
    await avro.load(9, signal)
    expect(avro.decode(framed(9, VALUE))).toEqual({ kind: 'text', text: '{"e":{"id":5}}' })
  })

  it('is asked for at most 50 of the schemas that one names, also when it knows none of them', async () => {
    const references = Array.from({ length: 200 }, (_, index) => ({
      ...{ name: `n${String(index)}`, subject: `s${String(index)}`, version: 1 },
    }))
    answers['/schemas/ids/9'] = {
      status: 200,
      body: { schema: JSON.stringify(SCHEMA), references },
    }
    await registries().of(`http://${url}`).load(9, signal)
    expect(asked).toHaveLength(51)
  })

  it('tells Protobuf messages by their indexes', async () => {
    const schema = 'syntax="proto3"; message A {int32 a=1;} message B {int32 b=1;}'
    answers['/schemas/ids/3'] = { status: 200, body: { schema, schemaType: 'PROTOBUF' } }
    const proto = createFormatDecoder('protobuf', registries().of(`http://${url}`))
    await proto.load(3, signal)
    const decode = (hex: string) => proto.decode(framed(3, Buffer.from(hex, 'hex')))
    expect(decode('000805')).toEqual({ kind: 'text', text: '{"a":5}' })
    expect(decode('02020805')).toEqual({ kind: 'text', text: '{"b":5}' })
    expect(decode('02080805')).toMatchObject({ kind: 'refused' })
    expect(decode('ffffffffff')).toMatchObject({ kind: 'refused' })
    const avro = createFormatDecoder('avro', registries().of(`http://${url}`))
    await avro.load(3, signal)
    expect(avro.decode(framed(3, VALUE))).toMatchObject({
      message: 'not Avro of schema 3: its schema is one of Protobuf',
    })
  })
})

describe('JSON', () => {
  it('is taken as it is, digits and all; with a schema its frame comes off', () => {
    const text = '{"n":123456789012345678901234567890.10}'
    const plain = createFormatDecoder('json_without_schema', null)
    expect(plain.decode(Buffer.from(text))).toEqual({ kind: 'text', text })
    expect(plain.decode(Buffer.from([0xff]))).toEqual({
      kind: 'refused',
      message: 'not valid UTF-8',
    })
    const registered = createFormatDecoder('json_with_schema', null)
    expect(registered.decode(framed(1, Buffer.from(text)))).toEqual({ kind: 'text', text })
    expect(registered.decode(Buffer.from(text))).toMatchObject({ kind: 'refused' })
  })
})
