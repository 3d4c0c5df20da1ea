// Bytes of a key or a value to JSON text, in the format that a data source names. What the registry has not told yet is asked for first: a
// registry that is away stops nobody's data for good, and sends none of it to quarantine.
// Source: Confluent wire format (magic byte 0, four bytes of schema id, message indexes for Protobuf), read 2026-11.
import { assert } from '@sandpiper/assert'

import { decodeAvro } from './decode-avro.ts'
import { decodeProtobuf } from './decode-protobuf.ts'
import { Undecodable } from './json-out.ts'
import { messageAt } from './protobuf-schema.ts'
import type { KnownSchema, SchemaRegistry } from './schema-registry.ts'

/** What bytes become. */
export type Decoded =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly message: string }
  /** Load this schema, then decode again. */
  | { readonly kind: 'wanted'; readonly schemaId: number }

/** Decodes one format. */
export interface FormatDecoder {
  /** Never throws for data. */
  decode(bytes: Buffer): Decoded
  /** As SchemaRegistry.load. */
  load(schemaId: number, signal: AbortSignal): Promise<void>
}

type Format = 'json_without_schema' | 'json_with_schema' | 'avro' | 'protobuf'

/** Makes one. @param registry needed for avro and protobuf; JSON with a schema has its frame taken off and is not checked against it. */
export function createFormatDecoder(
  format: Format,
  registry: SchemaRegistry | null,
): FormatDecoder {
  return {
    decode: (bytes) => decodeAs(format, registry, bytes),
    async load(schemaId, signal) {
      await registry?.load(schemaId, signal)
    },
  }
}

const FRAME_BYTES = 5
const UTF8 = new TextDecoder('utf-8', { fatal: true })
const NO_FRAME = 'it has no schema id in front (magic byte 0 and four bytes)'

function decodeAs(format: Format, registry: SchemaRegistry | null, bytes: Buffer): Decoded {
  if (format === 'json_without_schema') return textOf(bytes)
  if (bytes.length < FRAME_BYTES || bytes[0] !== 0) return refused(NO_FRAME)
  const payload = bytes.subarray(FRAME_BYTES)
  if (format === 'json_with_schema') return textOf(payload)
  if (registry === null) return refused('the connection has no KAFKA_SCHEMA_REGISTRY_URL')
  const schemaId = bytes.readInt32BE(1)
  const schema = registry.find(schemaId)
  if (schema === undefined) return { kind: 'wanted', schemaId }
  try {
    return { kind: 'text', text: decodeBy(schema, format, payload) }
  } catch (err) {
    assert(err instanceof Undecodable, `decoding ${format} broke: ${String(err)}`)
    return refused(`not ${NAMES[format]} of schema ${String(schemaId)}: ${err.message}`)
  }
}

const NAMES = { avro: 'Avro', protobuf: 'Protobuf' } as const

function decodeBy(schema: KnownSchema, format: 'avro' | 'protobuf', payload: Buffer): string {
  if (schema.kind === 'problem') throw new Undecodable(schema.message)
  if (schema.kind === 'avro' && format === 'avro') return decodeAvro(schema.type, payload)
  if (schema.kind === 'protobuf' && format === 'protobuf') {
    const { indexes, at } = messageIndexes(payload)
    return decodeProtobuf(messageAt(schema.schema, indexes), payload.subarray(at))
  }
  const name = schema.kind === 'other' ? schema.name : NAMES[schema.kind]
  throw new Undecodable(`its schema is one of ${name}`)
}

const INDEXES_MAX = 32

/** Zig-zag varints: how many, then each; a single 0 is short for the first message. */
function messageIndexes(payload: Buffer): { indexes: number[]; at: number } {
  let at = 0
  const next = (): number => {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = payload[at++]
      if (byte === undefined) break
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    throw new Undecodable('its message indexes cannot be read')
  }
  const count = next()
  if (count === 0) return { indexes: [0], at }
  if (count < 0 || count > INDEXES_MAX) throw new Undecodable('its message indexes cannot be read')
  return { indexes: Array.from({ length: count }, next), at }
}

function textOf(bytes: Buffer): Decoded {
  try {
    return { kind: 'text', text: UTF8.decode(bytes) }
  } catch {
    return refused('not valid UTF-8')
  }
}

function refused(message: string): Decoded {
  return { kind: 'refused', message }
}
