import { parseDatafile } from '@sandpiper/datafile'
import type { DeployedDataSource } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import type { KafkaRecord } from '@sandpiper/kafka'
import { describe, expect, it } from 'vitest'

import { createRecordDecoder } from './record-decoders.ts'

const RECORD: KafkaRecord = {
  ...{ topic: 't', partition: 2, offset: 40, timestampMs: 1_000, headers: [] },
  ...{ key: null, value: Buffer.from('{"a":1}') },
}
const signal = new AbortController().signal

function dataSource(more = ''): DeployedDataSource {
  const text = `SCHEMA >\n    a UInt64 \`json:$.a\`\nKAFKA_CONNECTION_NAME k\nKAFKA_TOPIC t\nKAFKA_GROUP_ID g\n${more}`
  const { file, errors } = parseDatafile(text, { filename: 'd.datasource' })
  if (file?.kind !== 'datasource') throw new Error(JSON.stringify(errors))
  return { id: 't_1', generation: 1, schemaVersion: 4, file, createdAt: '', updatedAt: '' }
}

function framed(schemaId: number, payload: string): Buffer {
  const head = Buffer.alloc(5)
  head.writeInt32BE(schemaId, 1)
  return Buffer.concat([head, Buffer.from(payload, 'hex')])
}

/** Of one Avro schema, id 7; `isAway` until told otherwise. */
function registry() {
  const state = { isAway: true, loads: 0 }
  const type = {
    kind: 'record',
    fields: [{ key: '"a":', type: { kind: 'long', logical: null } }],
  } as const
  let isKnown = false
  const of = {
    find: (schemaId: number) =>
      !isKnown
        ? undefined
        : schemaId === 7
          ? ({ kind: 'avro', type } as const)
          : ({ kind: 'problem', message: 'unknown' } as const),
    load: () => {
      state.loads += 1
      if (state.isAway) return Promise.reject(fault('remote.unavailable', { public: 'away' }))
      isKnown = true
      return Promise.resolve()
    },
  }
  return { state, of }
}

describe('records of a data source', () => {
  it('are judged one by one, at once: a poison record moves on to quarantine with where it stands', () => {
    const decoder = createRecordDecoder(dataSource(), null)
    expect(decoder.schemaVersion).toBe(4)
    const poison = { ...RECORD, offset: 41, value: Buffer.from([0xff, 0xfe]) }
    const rows = decoder.decode([RECORD, poison, { ...RECORD, offset: 42 }], signal)
    expect(rows).toMatchObject([{ kind: 'row' }, { kind: 'refused' }, { kind: 'row' }])
    const [, refused] = rows as readonly { readonly json: string }[]
    expect(JSON.parse(refused?.json ?? '')).toMatchObject({
      ...{ __topic: 't', __partition: '2', __offset: '41', c__error: ['not valid UTF-8'] },
    })
  })

  it.each([
    ['a value of 16 MB', { value: Buffer.alloc(16 * 1_048_576, 'x') }, /a value of 16777216 bytes/],
    ['a key of a megabyte', { key: Buffer.alloc(1_048_576, 'k') }, /a key of 1048576 bytes/],
    [
      'a header bomb',
      { headers: Array.from({ length: 5_000 }, () => ['h', Buffer.from('x')] as const) },
      /5000 headers/,
    ],
  ])('attack 42: %s is refused, and little of it is kept', (_what, change, expected) => {
    const decoder = createRecordDecoder(dataSource('KAFKA_STORE_HEADERS true'), null)
    const [row] = decoder.decode([{ ...RECORD, ...change }], signal) as readonly { json: string }[]
    expect(row).toMatchObject({
      kind: 'refused',
      errors: [{ message: expect.stringMatching(expected) as string }],
    })
    expect(row?.json.length).toBeLessThan(300_000)
  })

  it('wait while the registry is away, none of them refused, and go on when it is back', async () => {
    const { state, of } = registry()
    const decoder = createRecordDecoder(dataSource('KAFKA_VALUE_FORMAT avro'), of)
    const records = [
      { ...RECORD, value: framed(7, '0a') },
      { ...RECORD, value: framed(8, '0a') },
    ]
    await expect(decoder.decode(records, signal)).rejects.toMatchObject({
      code: 'remote.unavailable',
    })
    state.isAway = false
    const rows = await decoder.decode(records, signal)
    expect(rows).toMatchObject([
      { kind: 'row' },
      { kind: 'refused', errors: [{ message: expect.stringMatching(/unknown/) as string }] },
    ])
    expect((rows[0] as { json: string }).json).toContain('"a":5')
    expect(state.loads).toBe(2)
  })

  it('have keys of any bytes without a format, and of a schema with one', async () => {
    const key = (record: Partial<KafkaRecord>, more = '', of = registry().of) =>
      createRecordDecoder(dataSource(more), of).decode([{ ...RECORD, ...record }], signal)
    const [any] = (await key({ key: Buffer.from([0xff, 0x41]) })) as readonly { json: string }[]
    expect(any?.json).toContain('"__key":"\ufffdA"')
    const back = registry()
    back.state.isAway = false
    const [avro] = (await key(
      { key: framed(7, '0a') },
      'KAFKA_KEY_FORMAT avro',
      back.of,
    )) as readonly { json: string }[]
    expect(avro?.json).toContain('"__key":"{\\"a\\":5}"')
    const [none] = (await key(
      { key: Buffer.from('x') },
      'KAFKA_KEY_FORMAT avro',
      back.of,
    )) as readonly unknown[]
    expect(none).toMatchObject({
      kind: 'refused',
      errors: [{ message: expect.stringMatching(/^key: /) as string }],
    })
  })
})
