// What a column's values are like, by two SELECTs over a bounded part of the rows.
import type { ColumnBody } from '@sandpiper/contracts'

import { quoteName } from '@/lib/sql-text.ts'

/** Rows that a profile looks at; those beyond are not counted. */
export const PROFILE_ROWS_MAX = 1_000_000
const TOP_VALUES = 5
const BINS = 16
const VALUE_CHARACTERS_MAX = 200

export type ProfileKind = 'number' | 'time' | 'text' | 'state'

/** How a column is described, told by its type. */
export function profileKind(type: string): ProfileKind {
  const inner = type
    .replace(/^SimpleAggregateFunction\([^,]+, *(.*)\)$/, '$1')
    .replace(/^(?:LowCardinality|Nullable)\((.*)\)$/, '$1')
    .replace(/^Nullable\((.*)\)$/, '$1')
  if (inner.startsWith('AggregateFunction(')) return 'state'
  if (/^(?:U?Int|Float|BFloat|Decimal)/.test(inner)) return 'number'
  return /^Date/.test(inner) ? 'time' : 'text'
}

export function selectProfile(table: string, { name, type }: ColumnBody): string {
  const column = quoteName(name)
  const kind = profileKind(type)
  const text = (value: string): string =>
    `substringUTF8(toString(${value}), 1, ${VALUE_CHARACTERS_MAX})`
  const fields = [
    'count() AS rows',
    `countIf(isNull(${column})) AS nulls`,
    ...(kind === 'state'
      ? []
      : [`uniq(${column}) AS distinct`, `${text(`min(${column})`)} AS low`]),
    ...(kind === 'state' ? [] : [`${text(`max(${column})`)} AS high`]),
    ...(kind === 'number' ? [`avg(${column}) AS mean`] : []),
    ...(kind === 'number' || kind === 'time'
      ? [`histogram(${BINS})(${asNumber(column, kind)}) AS bins`]
      : []),
  ]
  return `SELECT ${fields.join(', ')}\nFROM ${sample(table, column)}`
}

export function selectTopValues(table: string, { name }: ColumnBody): string {
  const column = quoteName(name)
  return [
    `SELECT substringUTF8(toString(${column}), 1, ${VALUE_CHARACTERS_MAX}) AS value, count() AS rows`,
    `FROM ${sample(table, column)}`,
    `WHERE isNotNull(${column})`,
    `GROUP BY value ORDER BY rows DESC, value LIMIT ${TOP_VALUES}`,
  ].join('\n')
}

function sample(table: string, column: string): string {
  return `(SELECT ${column} FROM ${quoteName(table)} LIMIT ${PROFILE_ROWS_MAX})`
}

function asNumber(column: string, kind: 'number' | 'time'): string {
  return kind === 'time' ? `toUnixTimestamp(${column})` : `toFloat64(${column})`
}
