// A data source nobody thought of, with events for it and what must be found afterwards.
import fc from 'fast-check'
import {
  anyType,
  array,
  dateTime,
  integer,
  nullable,
  scalarType,
  text,
  type TypedValue,
  type TypeModel,
} from './type-models.ts'

/** One column: where its values stand in an event, and what it holds when they do not. */
interface RandomColumn {
  readonly name: string
  readonly model: TypeModel
  readonly place: 'flat' | 'nested' | 'each'
  /** A DEFAULT expression and what it gives; null when there is none. */
  readonly fallback: {
    readonly expression: string
    readonly stored: (k: number) => string
  } | null
}

interface RandomEvent {
  readonly json: string
  /** By column name; null when the event must be refused. */
  readonly stored: ReadonlyMap<string, string | null> | null
  /** Columns whose values no such column takes. */
  readonly broken: readonly string[]
}

export interface RandomDataSource {
  readonly columns: readonly RandomColumn[]
  readonly events: readonly RandomEvent[]
}

/** Data sources of 1 to 8 columns with 30 events each. */
export function randomDataSource(): fc.Arbitrary<RandomDataSource> {
  return fc
    .array(anyColumn(), { minLength: 1, maxLength: 8 })
    .map((columns) => columns.map((column, index) => ({ ...column, name: `c${index}` })))
    .chain((columns) =>
      fc.array(anyEvent(columns), { minLength: 30, maxLength: 30 }).map((cells) => ({
        columns,
        events: cells.map((each, index) => eventOf(columns, each, index)),
      })),
    )
}

/** The datafile of it; `k` numbers the events and `doc` holds each whole. */
export function datafileOf({ columns }: RandomDataSource): string {
  const lines = columns.map(({ name, model, place, fallback }) => {
    const path = { flat: `$.${name}`, nested: `$.in.${name}`, each: `$.list_${name}[:].${name}` }[
      place
    ]
    const otherwise = fallback === null ? '' : ` DEFAULT ${fallback.expression}`
    return `    \`${name}\` ${model.type} \`json:${path}\`${otherwise}`
  })
  const all = ['    `k` UInt32 `json:$.k`', '    `doc` String `json:$`', ...lines]
  return `SCHEMA >\n${all.join(',\n')}\nENGINE "MergeTree"\nENGINE_SORTING_KEY "k"\n`
}

type ColumnShape = Omit<RandomColumn, 'name'>

function anyColumn(): fc.Arbitrary<ColumnShape> {
  const place = fc.constantFrom<'flat' | 'nested'>('flat', 'nested')
  const plain = fc.record({ model: anyType(), place, fallback: fc.constant(null) })
  const element = fc.oneof(scalarType(), scalarType().map(nullable))
  const each = element.map((model): ColumnShape => ({
    model: array(model),
    place: 'each',
    fallback: null,
  }))
  return fc.oneof(
    { weight: 6, arbitrary: plain },
    { weight: 1, arbitrary: each },
    { weight: 1, arbitrary: fc.constantFrom(...DEFAULTED) },
  )
}

const DEFAULTED: readonly ColumnShape[] = [
  { model: text('String'), expression: "'none'", stored: () => 'none' },
  { model: text('String'), expression: "concat('k', toString(k))", stored: (k: number) => `k${k}` },
  { model: integer(64, false), expression: 'k * 2', stored: (k: number) => String(k * 2) },
  { model: array(text('String')), expression: "['x']", stored: () => "['x']" },
  { model: dateTime(''), expression: "'2026-01-02 03:04:05'", stored: () => '2026-01-02 03:04:05' },
].map(({ model, ...fallback }) => ({ model, place: 'flat', fallback }))

/** What one column of one event gets. */
type Cell =
  | { readonly kind: 'value'; readonly value: TypedValue }
  | { readonly kind: 'missing' }
  | { readonly kind: 'null' }
  | { readonly kind: 'broken'; readonly json: string }

function anyEvent(columns: readonly RandomColumn[]): fc.Arbitrary<readonly Cell[]> {
  return fc.tuple(...columns.map(anyCell))
}

function anyCell({ model, place }: RandomColumn): fc.Arbitrary<Cell> {
  const value = model.value.map((each): Cell => ({ kind: 'value', value: each }))
  // In a list of objects each element is judged by itself.
  const refused = place === 'each' ? (model.element?.refused ?? []) : model.refused
  const bad = refused.map((json) => fc.constant<Cell>({ kind: 'broken', json }))
  return fc.oneof(
    { weight: 40, arbitrary: value },
    { weight: 2, arbitrary: fc.constantFrom<Cell>({ kind: 'missing' }, { kind: 'null' }) },
    ...(bad.length === 0 ? [] : [{ weight: 1, arbitrary: fc.oneof(...bad) }]),
  )
}

function eventOf(columns: readonly RandomColumn[], cells: readonly Cell[], k: number): RandomEvent {
  const stored = new Map<string, string | null>()
  const broken: string[] = []
  const flat: string[] = [`"k":${k}`]
  const nested: string[] = []
  for (const [index, column] of columns.entries()) {
    const cell = cells[index] ?? { kind: 'missing' }
    const found = storedOf(column, cell, k)
    if (found === undefined) broken.push(column.name)
    else stored.set(column.name, found)
    const json = jsonOf(cell)
    if (json === null) continue
    if (column.place === 'nested') nested.push(`"${column.name}":${json}`)
    else if (column.place === 'flat') flat.push(`"${column.name}":${json}`)
    else flat.push(`"list_${column.name}":${eachOf(column, cell, json)}`)
  }
  if (nested.length > 0) flat.push(`"in":{${nested.join(',')}}`)
  return { json: `{${flat.join(',')}}`, stored: broken.length > 0 ? null : stored, broken }
}

/** What must be found in the column; undefined when the event must be refused because of it. */
function storedOf(
  { model, fallback }: RandomColumn,
  cell: Cell,
  k: number,
): string | null | undefined {
  if (cell.kind === 'value') {
    if (cell.value.stored !== null || fallback === null) return cell.value.stored
    return fallback.stored(k)
  }
  if (cell.kind === 'broken') return undefined
  if (fallback !== null) return fallback.stored(k)
  return model.isNullable ? null : undefined
}

function jsonOf(cell: Cell): string | null {
  if (cell.kind === 'missing') return null
  if (cell.kind === 'null') return 'null'
  return cell.kind === 'value' ? cell.value.json : cell.json
}

/** The elements of the list, each in an object of its own; the one for NULL has no such key. */
function eachOf({ name }: RandomColumn, cell: Cell, json: string): string {
  if (cell.kind === 'value') {
    const items = cell.value.items ?? []
    const keyed = (item: string): string =>
      item === 'null' ? '{}' : `{"other":1,"${name}":${item}}`
    return `[${items.map(keyed).join(',')}]`
  }
  return json === 'null' ? json : `[{"${name}":${json}}]`
}
