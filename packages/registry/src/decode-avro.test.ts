import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { readAvroSchema } from './avro-schema.ts'
import { decodeAvro } from './decode-avro.ts'

const bigLong = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer(value: bigint) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0),
})

/** Encoded by avsc, decoded by us. */
function roundTrip(schema: unknown, value: unknown): string {
  // A long of any meaning is written as a long.
  const written = typeof value === 'bigint' ? 'long' : schema
  const type = avsc.Type.forSchema(
    written as avsc.Schema,
    {
      registry: { long: bigLong },
      wrapUnions: 'always',
    } as object,
  )
  return decodeAvro(readAvroSchema(JSON.stringify(schema)), type.toBuffer(value))
}

describe('Avro', () => {
  it('gives every whole number of 64 bits with all its digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(roundTrip('long', value)).toBe(String(value))
      }),
    )
  })

  it('gives records, lists, maps, unions and enums as avsc wrote them', () => {
    const schema = {
      ...{ type: 'record', name: 'E', namespace: 'a.b' },
      fields: [
        { name: 'id', type: 'int' },
        { name: 'tags', type: { type: 'array', items: 'string' } },
        { name: 'counts', type: { type: 'map', values: 'double' } },
        { name: 'note', type: ['null', 'string'] },
        { name: 'kind', type: { type: 'enum', name: 'K', symbols: ['X', 'Y'] } },
        { name: 'next', type: ['null', 'E'] },
      ],
    }
    const value = fc.letrec((tie) => ({
      node: fc.record({
        id: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        tags: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }),
        counts: fc.dictionary(
          fc.string().filter((each) => each !== '__proto__'),
          fc
            .double({ noNaN: true, noDefaultInfinity: true })
            .map((each) => (each === 0 ? 0 : each)),
          { maxKeys: 3 },
        ),
        note: fc.option(fc.string({ unit: 'grapheme' }).map((string) => ({ string }))),
        kind: fc.constantFrom('X', 'Y'),
        next: fc.option(
          tie('node').map((node) => ({ 'a.b.E': node })),
          { maxDepth: 3 },
        ),
      }),
    })).node
    const unwrapped = (node: Record<string, unknown>): object => ({
      ...node,
      note: (node['note'] as { string: string } | null)?.string ?? null,
      next:
        node['next'] === null
          ? null
          : unwrapped((node['next'] as Record<string, Record<string, unknown>>)['a.b.E'] ?? {}),
    })
    fc.assert(
      fc.property(value, (node) => {
        const plain = JSON.parse(JSON.stringify(unwrapped(node))) as object
        expect(JSON.parse(roundTrip(schema, node))).toEqual(plain)
      }),
      { numRuns: 50 },
    )
  })

  it.each([
    [
      { type: 'long', logicalType: 'timestamp-millis' },
      1_700_000_000_123n,
      '"2023-11-14 22:13:20.123"',
    ],
    [{ type: 'long', logicalType: 'timestamp-micros' }, -1n, '"1969-12-31 23:59:59.999999"'],
    [{ type: 'int', logicalType: 'date' }, 19_675, '"2023-11-14"'],
    [{ type: 'long', logicalType: 'timestamp-millis' }, 2n ** 62n, String(2n ** 62n)],
    [
      { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 },
      Buffer.from('ff85', 'hex'),
      '-1.23',
    ],
    [
      { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 0 },
      Buffer.from('05', 'hex'),
      '5',
    ],
    ['float', Math.fround(0.1), '0.1'],
    ['double', Number.NaN, '"nan"'],
    ['bytes', Buffer.from('hé'), '"hé"'],
    ['bytes', Buffer.from('ff', 'hex'), '"/w=="'],
  ])('%j gives %s as %s', (schema, value, expected) => {
    expect(roundTrip(schema, value)).toBe(expected)
  })

  it.each([
    ['ends in the middle', '"string"', '08616263'],
    ['goes on after its end', '"int"', '0202'],
    ['chooses what is not there', '["null"]', '04'],
    ['has a number without an end', '"long"', 'ffffffffffffffffffffff01'],
    // A list of 2^40 empty records in seven bytes.
    [
      'is a bomb',
      '{"type":"array","items":{"type":"record","name":"N","fields":[]}}',
      '80808080804000',
    ],
    ['is a bomb of nothing', '{"type":"array","items":"null"}', '80808080804000'],
    ['says its block has no bytes', '{"type":"array","items":"null"}', '01'],
  ])('a value that %s is refused', (_what, schema, hex) => {
    expect(() => decodeAvro(readAvroSchema(schema), Buffer.from(hex, 'hex'))).toThrow(
      /^(it|bytes|a number)/,
    )
  })

  it('a schema that holds itself without an end decodes nothing', () => {
    const schema = '{"type":"record","name":"R","fields":[{"name":"r","type":"R"}]}'
    expect(() => decodeAvro(readAvroSchema(schema), Buffer.alloc(0))).toThrow('nested too deep')
    const list =
      '{"type":"record","name":"R","fields":[{"name":"r","type":{"type":"array","items":"R"}}]}'
    const nested = Buffer.alloc(10_000, 2)
    expect(() => decodeAvro(readAvroSchema(list), nested)).toThrow('nested too deep')
  })

  it.each([
    '{"type":"record","fields":[]}',
    '{"type":"record","name":"R","fields":[null]}',
    '"X"',
    '5',
    '{"type":"fixed","name":"f"}',
    '{',
    '['.repeat(100_000),
  ])('refuses the schema %.30s', (schema) => {
    expect(() => readAvroSchema(schema)).toThrow(/schema/)
  })
})
