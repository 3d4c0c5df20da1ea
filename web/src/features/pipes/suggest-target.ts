// A data source that fits the rows of a node, as a proposal to be changed.
import type { SqlColumn } from '@/lib/api-client.ts'

export interface TargetProposal {
  engine: string
  sortingKey: string
}

/** Columns of one key: more make an index longer, and not better. */
const KEY_COLUMNS_MAX = 4

/**
 * States of aggregates need the engine that merges them, under all the columns they are grouped by. Other rows are sorted by what they are
 * usually asked for: a name or two, then the time.
 */
export function suggestTarget(columns: readonly SqlColumn[]): TargetProposal {
  const isState = ({ type }: SqlColumn): boolean => /AggregateFunction\(/.test(type)
  const plain = columns.filter((column) => !isState(column) && isKeyType(column.type))
  if (columns.some(isState))
    return { engine: 'AggregatingMergeTree', sortingKey: listed(plain.map(({ name }) => name)) }
  const times = plain.filter(({ type }) => /^(?:Date|DateTime)/.test(type))
  const names = plain.filter(({ type }) => /^(?:LowCardinality|String|Enum|UUID)/.test(type))
  const key = [...names.slice(0, KEY_COLUMNS_MAX - 1), ...times.slice(0, 1)]
  const chosen = key.length > 0 ? key : plain.slice(0, 1)
  return { engine: 'MergeTree', sortingKey: listed(chosen.map(({ name }) => name)) }
}

/** The datafile of the data source. */
export function targetFile(
  columns: readonly SqlColumn[],
  { engine, sortingKey }: TargetProposal,
): string {
  const schema = columns.map(({ name, type }) => `    ${quoted(name)} ${type}`).join(',\n')
  const key =
    sortingKey === 'tuple()' ? sortingKey : sortingKey.split(/,\s*/).map(quoted).join(', ')
  return `SCHEMA >\n${schema}\n\nENGINE "${engine}"\nENGINE_SORTING_KEY "${key}"\n`
}

/** A datafile that the server suggested, with the engine and key that somebody chose instead. */
export function withTarget(datafile: string, { engine, sortingKey }: TargetProposal): string {
  return datafile
    .replace(/^ENGINE .*$/m, () => `ENGINE "${engine}"`)
    .replace(/^ENGINE_SORTING_KEY .*$/m, () => `ENGINE_SORTING_KEY "${sortingKey}"`)
}

function isKeyType(type: string): boolean {
  return !/^(?:Float|Nullable|Array|Map|Tuple|JSON|Variant|Dynamic|LowCardinality\(Nullable)/.test(
    type,
  )
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'tuple()' : names.join(', ')
}

function quoted(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name}\``
}
