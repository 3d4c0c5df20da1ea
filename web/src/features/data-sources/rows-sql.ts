// The SELECTs behind the grid of a data source. Names are quoted and values are literals: what a person types never becomes SQL.
import type { ColumnBody } from '@sandpiper/contracts'

import { quoteName, quoteText } from '@/lib/sql-text.ts'

export const OPERATORS = [
  { value: 'has', label: 'contains' },
  { value: 'eq', label: '=' },
  { value: 'ne', label: '≠' },
  { value: 'gt', label: '>' },
  { value: 'ge', label: '≥' },
  { value: 'lt', label: '<' },
  { value: 'le', label: '≤' },
  { value: 'null', label: 'is NULL' },
  { value: 'notnull', label: 'is not NULL' },
] as const

export type Operator = (typeof OPERATORS)[number]['value']

/** One condition on one column, short as it stands in the address. */
export interface RowFilter {
  /** Column. */
  c: string
  /** Operator. */
  o: Operator
  /** Value as typed. */
  v: string
}

export interface RowsRequest {
  name: string
  columns: readonly ColumnBody[]
  sortingKey: string
  filters: readonly RowFilter[]
  sort?: { column: string; descending: boolean } | undefined
}

/** Columns beyond the sorting key that decide between equal rows, so that a page begins where the last one ended. */
const TIE_COLUMNS_MAX = 6
const SYMBOLS = { eq: '=', ne: '!=', gt: '>', ge: '>=', lt: '<', le: '<=' } as const

export function selectRows(request: RowsRequest, limit: number, offset: number): string {
  const { name, columns, filters } = request
  return [
    `SELECT ${columns.map(shown).join(', ')}`,
    `FROM ${quoteName(name)}`,
    ...whereOf(filters),
    `ORDER BY ${orderOf(request).join(', ')}`,
    `LIMIT ${limit} OFFSET ${offset}`,
  ].join('\n')
}

export function countRows({ name, filters }: RowsRequest): string {
  return [`SELECT count() AS rows`, `FROM ${quoteName(name)}`, ...whereOf(filters)].join('\n')
}

/** States of aggregates are bytes; people read what they come to. */
function shown({ name, type }: ColumnBody): string {
  const quoted = quoteName(name)
  return type.startsWith('AggregateFunction(')
    ? `finalizeAggregation(${quoted}) AS ${quoted}`
    : quoted
}

function whereOf(filters: readonly RowFilter[]): string[] {
  return filters.length === 0 ? [] : [`WHERE ${filters.map(condition).join(' AND ')}`]
}

function condition({ c, o, v }: RowFilter): string {
  const column = quoteName(c)
  if (o === 'null') return `isNull(${column})`
  if (o === 'notnull') return `isNotNull(${column})`
  if (o === 'has') return `positionCaseInsensitiveUTF8(toString(${column}), ${quoteText(v)}) > 0`
  return `${column} ${SYMBOLS[o]} ${quoteText(v)}`
}

function orderOf({ columns, sortingKey, sort }: RowsRequest): string[] {
  const comparable = columns.filter(({ type }) => !/^(?:AggregateFunction|JSON|Map)/.test(type))
  const inKey = keyColumns(sortingKey, comparable)
  const ties = comparable.map(({ name }) => name).filter((name) => !inKey.includes(name))
  const direction = sort?.descending === true ? ' DESC' : ''
  const first = sort === undefined ? [] : [`${quoteName(sort.column)}${direction}`]
  const isNotFirst = (name: string): boolean => name !== sort?.column
  const order = [
    ...first,
    // The newest first, as far as the sorting key is one of times.
    ...inKey.filter(isNotFirst).map((name) => `${quoteName(name)} DESC`),
    ...ties.filter(isNotFirst).slice(0, TIE_COLUMNS_MAX).map(quoteName),
  ]
  return order.length === 0 ? ['tuple()'] : order
}

function keyColumns(sortingKey: string, columns: readonly ColumnBody[]): string[] {
  const parts = sortingKey.replace(/^tuple\(|^\(|\)$/g, '').split(',')
  const names = parts.map((part) => part.trim().replaceAll('`', ''))
  return names.filter((name) => columns.some((each) => each.name === name))
}
