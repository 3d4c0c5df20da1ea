// Protobuf's binary encoding to JSON text, without a number between that could lose digits. What a message leaves out is its default, where
// the file says so; times are texts in UTC.
// Source: Protocol Buffers encoding guide and JSON mapping, read 2026-11.
import protobuf from 'protobufjs'

import {
  DecodeBudget,
  DEPTH_MAX,
  jsonOfBytes,
  jsonOfFloat,
  jsonOfFloat32,
  jsonOfString,
  jsonOfTime,
  JsonOut,
  Undecodable,
} from './json-out.ts'

/** The JSON text of one message. @throws Undecodable. */
export function decodeProtobuf(type: protobuf.Type, bytes: Buffer): string {
  try {
    return messageText(type, bytes, { depth: 0, budget: new DecodeBudget() })
  } catch (err) {
    // The reader's own: it ran over the end.
    if (err instanceof Undecodable) throw err
    throw new Undecodable('it is not encoded as the schema says')
  }
}

/** What was read of each field: texts of values, or of `key:value` of a map. */
type Found = Map<protobuf.Field, string[]>

/** A field, or the values of a map. */
type Typed = Pick<protobuf.MapField, 'resolvedType' | 'type'>

/** Where in a record we are. */
interface Place {
  readonly depth: number
  /** Of the whole record. */
  readonly budget: DecodeBudget
}

function messageText(type: protobuf.Type, bytes: Uint8Array, place: Place): string {
  const { depth, budget } = place
  if (depth > DEPTH_MAX) throw new Undecodable('it is nested too deep')
  budget.step(type.fieldsArray.length)
  const before = budget.kept
  const found: Found = new Map()
  const reader = protobuf.Reader.create(bytes)
  const out = new JsonOut()
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    const field = type.fieldsById[tag >>> 3]
    if (field === undefined) reader.skipType(tag & 7)
    else readField(field, reader, tag & 7, found, place)
  }
  const text = wellKnown(type, found) ?? objectText(type, found, out)
  // Whoever holds this text counts it, and nothing else of us is kept.
  budget.giveBackTo(before)
  return text
}

function readField(
  field: protobuf.Field,
  reader: protobuf.Reader,
  wireType: number,
  found: Found,
  place: Place,
): void {
  const { budget } = place
  const values = found.get(field) ?? []
  found.set(field, values)
  if (field instanceof protobuf.MapField) {
    values.push(budget.keep(mapEntry(field, reader.bytes(), place)))
    return
  }
  if (!field.repeated) {
    // Of a field given twice the last counts.
    values[0] = budget.keep(valueText(field, reader, place))
    return
  }
  const isPacked = wireType === 2 && Object.hasOwn(protobuf.types.packed, field.type)
  const isPackedEnum = wireType === 2 && field.resolvedType instanceof protobuf.Enum
  if (!isPacked && !isPackedEnum) {
    values.push(budget.keep(valueText(field, reader, place)))
    return
  }
  const inner = protobuf.Reader.create(reader.bytes())
  while (inner.pos < inner.len) values.push(budget.keep(valueText(field, inner, place)))
}

function mapEntry(field: protobuf.MapField, bytes: Uint8Array, place: Place): string {
  const reader = protobuf.Reader.create(bytes)
  let key = scalarDefault(field.keyType)
  let value: string | null = null
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag >>> 3 === 1) key = scalarText(field.keyType, reader)
    else if (tag >>> 3 === 2) value = valueText(field, reader, place)
    else reader.skipType(tag & 7)
  }
  const name = key.startsWith('"') ? key : `"${key}"`
  return `${name}:${value ?? defaultText(field)}`
}

function valueText(
  { resolvedType: type, type: name }: Typed,
  reader: protobuf.Reader,
  { depth, budget }: Place,
): string {
  budget.step(1)
  if (type instanceof protobuf.Enum) return enumText(type, reader.int32())
  if (type instanceof protobuf.Type)
    return messageText(type, reader.bytes(), { depth: depth + 1, budget })
  return scalarText(name, reader)
}

function enumText(type: protobuf.Enum, value: number): string {
  const name = type.valuesById[value]
  return name === undefined ? String(value) : JSON.stringify(name)
}

function scalarText(type: string, reader: protobuf.Reader): string {
  switch (type) {
    case 'double':
      return jsonOfFloat(reader.double())
    case 'float':
      return jsonOfFloat32(reader.float())
    case 'int32':
      return String(reader.int32())
    case 'uint32':
      return String(reader.uint32())
    case 'sint32':
      return String(reader.sint32())
    case 'fixed32':
      return String(reader.fixed32())
    case 'sfixed32':
      return String(reader.sfixed32())
    // The reader gives objects of both halves, whose text has every digit.
    case 'int64':
      return digits(reader.int64())
    case 'uint64':
      return digits(reader.uint64())
    case 'sint64':
      return digits(reader.sint64())
    case 'fixed64':
      return digits(reader.fixed64())
    case 'sfixed64':
      return digits(reader.sfixed64())
    case 'bool':
      return reader.bool() ? 'true' : 'false'
    case 'string':
      return jsonOfString(Buffer.from(reader.bytes()))
    case 'bytes':
      return jsonOfBytes(reader.bytes())
    default:
      throw new Undecodable(`the schema has a type '${type.slice(0, 100)}' that is not known`)
  }
}

function digits(whole: { toString(): string }): string {
  return whole.toString()
}

function objectText(type: protobuf.Type, found: Found, out: JsonOut): string {
  out.add('{')
  let isFirst = true
  for (const field of type.fieldsArray) {
    const text = fieldText(field, found.get(field))
    if (text === null) continue
    out.add(`${isFirst ? '' : ','}${JSON.stringify(field.name)}:${text}`)
    isFirst = false
  }
  out.add('}')
  return out.text()
}

function fieldText(field: protobuf.Field, values: readonly string[] | undefined): string | null {
  if (field instanceof protobuf.MapField) return `{${(values ?? []).join(',')}}`
  if (field.repeated) return `[${(values ?? []).join(',')}]`
  if (values?.[0] !== undefined) return values[0]
  // What may be absent is absent; anything else means its default.
  const isAbsent =
    field.partOf !== null || field.hasPresence || field.resolvedType instanceof protobuf.Type
  return isAbsent ? null : defaultText(field)
}

function defaultText({ resolvedType: type, type: name }: Typed): string {
  if (type instanceof protobuf.Type) return '{}'
  if (type instanceof protobuf.Enum) return enumText(type, Object.values(type.values)[0] ?? 0)
  return scalarDefault(name)
}

function scalarDefault(type: string): string {
  if (type === 'string' || type === 'bytes') return '""'
  return type === 'bool' ? 'false' : '0'
}

/** Messages of google.protobuf that stand for a plain value; null for all others. */
function wellKnown(type: protobuf.Type, found: Found): string | null {
  const name = type.fullName
  if (!name.startsWith('.google.protobuf.')) return null
  const of = (field: string): string => {
    const known = type.fields[field]
    return known === undefined ? '0' : (found.get(known)?.[0] ?? defaultText(known))
  }
  if (name === '.google.protobuf.Timestamp')
    return jsonOfTime(BigInt(of('seconds')) * 1_000_000_000n + BigInt(of('nanos')), 9)
  if (name === '.google.protobuf.Duration')
    return `"${of('seconds')}.${of('nanos').replace('-', '').padStart(9, '0')}s"`
  return /\.(?:Double|Float|U?Int(?:64|32)|Bool|String|Bytes)Value$/.test(name) ? of('value') : null
}
