// The type of a template's parameter in the words of OpenAPI 3.0. Pure.
import type { pipeParams } from '@sandpiper/pipes'

/** A parameter as its template declares it. */
export type PipeParam = ReturnType<typeof pipeParams>[number]

type Schema = Readonly<Record<string, unknown>>

const PLAIN: ReadonlyMap<string, Schema> = new Map<string, Schema>([
  ['Boolean', { type: 'boolean' }],
  ['Bool', { type: 'boolean' }],
  ['bool', { type: 'boolean' }],
  ['Date', { type: 'string', format: 'date' }],
  ['UUID', { type: 'string', format: 'uuid' }],
  ['Float32', { type: 'number', format: 'float' }],
  ['Float64', { type: 'number', format: 'double' }],
  ['Float', { type: 'number' }],
  ['float', { type: 'number' }],
  ['Integer', { type: 'integer' }],
  ['int', { type: 'integer' }],
])

/** The schema of one parameter: type, format, default, allowed values. Values that no JSON number can hold are texts. */
export function paramSchema({ type, default: value, enum: allowed, format }: PipeParam): Schema {
  return {
    ...schemaOfType(type),
    ...(format === null ? {} : { format }),
    ...(value === null || value === undefined ? {} : { default: jsonValue(value) }),
    ...(allowed === null || allowed.length === 0 ? {} : { enum: unique(allowed.map(jsonValue)) }),
  }
}

/** Whether a value is sent as a list with commas. */
export function isList(type: string): boolean {
  return /^Array\b/.test(type)
}

/** A value of a template as JSON writes it: large integers as texts, anything else that is none as its text. */
export function jsonValue(value: unknown): unknown {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (Array.isArray(value)) return (value as unknown[]).map(jsonValue)
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, each]) => [String(key), jsonValue(each)]))
  return value
}

function schemaOfType(type: string): Schema {
  const item = /^Array(?:\((.*)\))?$/.exec(type)
  if (item !== null) return { type: 'array', items: schemaOfType(item[1] ?? 'String') }
  const bits = /^U?Int(\d+)$/.exec(type)?.[1]
  if (bits !== undefined) return integer(Number(bits))
  // Dates with times are written with a space, which no format of OpenAPI allows; decimals and JSON travel as texts.
  return PLAIN.get(type) ?? { type: 'string' }
}

function integer(bits: number): Schema {
  if (bits < 32) return { type: 'integer' }
  return bits > 64 ? { type: 'string' } : { type: 'integer', format: `int${bits}` }
}

function unique(values: readonly unknown[]): unknown[] {
  const seen = new Map(values.map((each) => [JSON.stringify(each), each]))
  return [...seen.values()]
}
