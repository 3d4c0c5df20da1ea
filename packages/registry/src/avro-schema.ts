// An Avro schema, read into what the decoder walks. No code is made from it: whoever registers a schema is not trusted.
// Source: Apache Avro specification 1.12 (schemas, names, logical types), read 2026-11.
import { DEPTH_MAX, Undecodable } from './json-out.ts'

/** One type of a schema. */
export type AvroType =
  | { readonly kind: 'null' | 'boolean' | 'float' | 'double' | 'string' }
  | { readonly kind: 'int' | 'long'; readonly logical: AvroTime | null }
  | { readonly kind: 'bytes'; readonly scale: number | null }
  | { readonly kind: 'fixed'; readonly size: number; readonly scale: number | null }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array' | 'map'; readonly items: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | { readonly kind: 'record'; readonly fields: readonly AvroField[] }

/** A field, its name as it stands in JSON. */
interface AvroField {
  readonly key: string
  readonly type: AvroType
}

/** What a whole number stands for. */
type AvroTime = 'date' | 'millis' | 'micros' | 'nanos'

type Names = Map<string, AvroType>
type Body = Readonly<Record<string, unknown>>

/** Reads a schema. @param referenced schemas that it names, those that others name first. @throws Undecodable. */
export function readAvroSchema(text: string, referenced: readonly string[] = []): AvroType {
  const names: Names = new Map()
  for (const each of referenced) read(jsonOf(each), { names, space: '', depth: 0 })
  return read(jsonOf(text), { names, space: '', depth: 0 })
}

interface Place {
  readonly names: Names
  readonly space: string
  readonly depth: number
}

const PRIMITIVES = ['null', 'boolean', 'float', 'double', 'string'] as const

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A schema may be the bare name of a type.
    return text.trim()
  }
}

function read(schema: unknown, place: Place): AvroType {
  if (place.depth > DEPTH_MAX) throw new Undecodable('the schema is nested too deep')
  const deeper = { ...place, depth: place.depth + 1 }
  if (typeof schema === 'string') return named(schema, place)
  if (Array.isArray(schema))
    return { kind: 'union', branches: schema.map((each) => read(each, deeper)) }
  if (typeof schema !== 'object' || schema === null)
    throw new Undecodable('the schema is no Avro schema')
  const body = schema as Body
  const { type } = body
  if (typeof type !== 'string') return read(type, deeper)
  if (type === 'array') return { kind: 'array', items: read(body['items'], deeper) }
  if (type === 'map') return { kind: 'map', items: read(body['values'], deeper) }
  if (type === 'record' || type === 'error') return readRecord(body, deeper)
  if (type === 'enum') return keep(body, place, { kind: 'enum', symbols: symbolsOf(body) })
  if (type === 'fixed')
    return keep(body, place, { kind: 'fixed', size: sizeOf(body), scale: scaleOf(body) })
  if (type === 'int' || type === 'long') return { kind: type, logical: timeOf(body) }
  if (type === 'bytes') return { kind: 'bytes', scale: scaleOf(body) }
  return named(type, place)
}

function named(name: string, { names, space }: Place): AvroType {
  const primitive = PRIMITIVES.find((each) => each === name)
  if (primitive !== undefined) return { kind: primitive }
  if (name === 'int' || name === 'long') return { kind: name, logical: null }
  if (name === 'bytes') return { kind: 'bytes', scale: null }
  const known = names.get(name.includes('.') || space === '' ? name : `${space}.${name}`)
  const found = known ?? names.get(name)
  if (found === undefined)
    throw new Undecodable(`the schema names an unknown type '${name.slice(0, 200)}'`)
  return found
}

function readRecord(body: Body, place: Place): AvroType {
  const fields: AvroField[] = []
  // Known before its fields are read: a record may hold records of its own kind.
  const record: AvroType = keep(body, place, { kind: 'record', fields })
  const space = spaceOf(body, place)
  const list = Array.isArray(body['fields']) ? (body['fields'] as unknown[]) : []
  for (const each of list) {
    if (typeof each !== 'object' || each === null)
      throw new Undecodable('a field of the schema is none')
    const { name, type } = each as Body
    if (typeof name !== 'string') throw new Undecodable('a field of the schema has no name')
    fields.push({ key: `${JSON.stringify(name)}:`, type: read(type, { ...place, space }) })
  }
  return record
}

function keep(body: Body, place: Place, type: AvroType): AvroType {
  const name = textOf(body['name'])
  const space = spaceOf(body, place)
  place.names.set(name.includes('.') || space === '' ? name : `${space}.${name}`, type)
  return type
}

function spaceOf(body: Body, { space }: Place): string {
  const name = textOf(body['name'])
  if (name.includes('.')) return name.slice(0, name.lastIndexOf('.'))
  return typeof body['namespace'] === 'string' ? body['namespace'] : space
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Undecodable('a type of the schema has no name')
  return value
}

function symbolsOf(body: Body): string[] {
  const list = Array.isArray(body['symbols']) ? (body['symbols'] as unknown[]) : []
  return list.map(textOf)
}

function sizeOf({ size }: Body): number {
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw new Undecodable('a fixed type of the schema has no size')
  return size
}

function scaleOf(body: Body): number | null {
  if (body['logicalType'] !== 'decimal') return null
  const scale = body['scale'] ?? 0
  return typeof scale === 'number' && Number.isSafeInteger(scale) && scale >= 0 && scale <= 76
    ? scale
    : null
}

const TIMES: Readonly<Record<string, AvroTime>> = {
  date: 'date',
  'timestamp-millis': 'millis',
  'timestamp-micros': 'micros',
  'timestamp-nanos': 'nanos',
  'local-timestamp-millis': 'millis',
  'local-timestamp-micros': 'micros',
  'local-timestamp-nanos': 'nanos',
}

function timeOf({ logicalType }: Body): AvroTime | null {
  return typeof logicalType === 'string' && Object.hasOwn(TIMES, logicalType)
    ? (TIMES[logicalType] ?? null)
    : null
}
