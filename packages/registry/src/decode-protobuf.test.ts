import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'

import { decodeProtobuf } from './decode-protobuf.ts'
import { messageAt, readProtobufSchema } from './protobuf-schema.ts'

const PROTO = `syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
message Order {
  uint64 id = 1;
  sint64 delta = 2;
  string name = 3;
  repeated int32 counts = 4;
  map<string, int64> stock = 5;
  optional string note = 6;
  Kind kind = 7;
  Line line = 8;
  oneof way { string road = 9; int32 rail = 10; }
  google.protobuf.Timestamp at = 11;
  google.protobuf.Int64Value big = 12;
  repeated Kind kinds = 13;
  message Line { double price = 1; Order parent = 2; }
  enum Kind { NONE = 0; BOOK = 1; }
}
message Other { bool on = 1; }`

const SCHEMA = readProtobufSchema(PROTO, new Map())

/** Encoded by protobufjs' own code, decoded by us. */
function roundTrip(value: object, indexes = [0]): unknown {
  const type = messageAt(SCHEMA, indexes)
  const bytes = Buffer.from(type.encode(type.fromObject(value)).finish())
  return JSON.parse(decodeProtobuf(type, bytes), (_key, each: unknown) => each)
}

const text = (value: object): string => {
  const type = messageAt(SCHEMA, [0])
  return decodeProtobuf(type, Buffer.from(type.encode(type.fromObject(value)).finish()))
}

describe('Protobuf', () => {
  it('gives every whole number of 64 bits with all its digits', () => {
    const unsigned = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    const signed = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    fc.assert(
      fc.property(unsigned, signed, (id, delta) => {
        const written = text({
          id: String(id),
          delta: String(delta),
          big: { value: String(delta) },
        })
        expect(written).toContain(`"id":${String(id)},"delta":${String(delta)},`)
        expect(written).toContain(`"big":${String(delta)}`)
      }),
    )
  })

  it('gives fields by the names of the file, with the defaults of what is left out', () => {
    expect(roundTrip({})).toEqual({
      ...{ id: 0, delta: 0, name: '', counts: [], stock: {}, kind: 'NONE', kinds: [] },
    })
    const value = {
      ...{ name: 'é', counts: [1, -2, 3], stock: { a: 5, b: -6 }, note: '', kind: 'BOOK' },
      ...{ line: { price: 1.5 }, rail: 0, at: { seconds: 1_700_000_000, nanos: 5 } },
      kinds: ['BOOK', 'NONE'],
    }
    expect(roundTrip(value)).toEqual({
      ...{ id: 0, delta: 0, ...value, at: '2023-11-14 22:13:20.000000005' },
    })
  })

  it('finds the message by its indexes', () => {
    expect(roundTrip({ on: true }, [1])).toEqual({ on: true })
    expect(roundTrip({ price: 2 }, [0, 0])).toEqual({ price: 2 })
    expect(() => messageAt(SCHEMA, [7])).toThrow('does not have')
  })

  it('never throws anything but a refusal, and never hangs', () => {
    const type = messageAt(SCHEMA, [0])
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          JSON.parse(decodeProtobuf(type, Buffer.from(bytes)))
        } catch (err) {
          expect((err as Error).name).toBe('Undecodable')
        }
      }),
      { numRuns: 500 },
    )
    let nested = Buffer.alloc(0)
    // Each level takes a length: messages in messages, deeper than any reader should go.
    for (let depth = 0; depth < 200; depth++) {
      const writer = protobuf.Writer.create()
      nested = Buffer.from(
        writer
          .uint32(depth % 2 === 0 ? 0x12 : 0x42)
          .bytes(nested)
          .finish(),
      )
    }
    expect(() => decodeProtobuf(type, nested)).toThrow('nested too deep')
  })

  it.each([
    ['is none', '{"type":"record"}'],
    ['names a type that is not there', 'syntax="proto3"; message A { Missing b = 1; }'],
    ['imports what is not there', 'syntax="proto3"; import "x.proto"; message A {}'],
  ])('a schema that %s is refused', (_what, proto) => {
    expect(() => readProtobufSchema(proto, new Map())).toThrow(/Protobuf|imports/)
  })

  describe('of messages with thousands of fields that are left out', () => {
    const fields = Array.from(
      { length: 1_000 },
      (_, index) => `int32 f${String(index)} = ${String(index + 1)};`,
    )
    const schema = readProtobufSchema(
      `syntax = "proto3"; message A { repeated B many = 1; B one = 2; map<int32, B> named = 3; } message B { ${fields.join(' ')} }`,
      new Map(),
    )
    const type = messageAt(schema, [0])
    const bomb = (hex: string, times: number): Buffer => Buffer.from(hex.repeat(times), 'hex')

    it.each([
      ['a list', '0a00'],
      ['a map', '1a021200'],
      ['a field given again and again', '1200'],
    ])('%s stops as soon as it is too much', (_name, hex) => {
      // Whoever reads to the end finds that it is cut off.
      const bytes = Buffer.concat([bomb(hex, 2_000), Buffer.from('0aff', 'hex')])
      expect(() => decodeProtobuf(type, bytes)).toThrow(
        'it decodes to more than 1048576 characters',
      )
    })

    it('what is looked at and gives no text is counted too', () => {
      const optional = fields.map((field) => `optional ${field}`).join(' ')
      const empty = readProtobufSchema(
        `syntax = "proto3"; message A { repeated B many = 1; } message B { ${optional} }`,
        new Map(),
      )
      const bytes = Buffer.concat([bomb('0a00', 3_000), Buffer.from('0aff', 'hex')])
      expect(() => decodeProtobuf(messageAt(empty, [0]), bytes)).toThrow(
        'it has more than 2000000 fields and values',
      )
    })

    it('some of them decode', () => {
      const written = JSON.parse(decodeProtobuf(type, bomb('0a00', 50))) as { many: unknown[] }
      expect(written.many).toHaveLength(50)
    })
  })

  it('reads what a file imports from the registry', () => {
    const inner = 'syntax="proto3"; package p; message B { int32 n = 1; }'
    const outer = 'syntax="proto3"; import "b.proto"; message A { p.B b = 1; }'
    const type = messageAt(readProtobufSchema(outer, new Map([['b.proto', inner]])), [0])
    expect(decodeProtobuf(type, Buffer.from('0a020805', 'hex'))).toBe('{"b":{"n":5}}')
  })

  it('makes no code of a schema, whatever its names are', () => {
    const type = messageAt(
      readProtobufSchema(
        'syntax="proto3"; message A { int32 constructor = 1; int32 __proto__ = 2; }',
        new Map(),
      ),
      [0],
    )
    expect(decodeProtobuf(type, Buffer.from('08051006', 'hex'))).toContain('"constructor":5')
    expect(Object.hasOwn(type, 'decode')).toBe(false)
    expect(Object.hasOwn(Object.prototype, 'resolvedType')).toBe(false)
  })
})
