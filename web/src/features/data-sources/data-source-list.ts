// What the list of data sources shows, in which order. The address holds what was searched and how it is sorted.
import type { DataSourceBody } from '@sandpiper/contracts'

const SORTS = ['name', 'engine', 'rows', 'bytes', 'quarantine', 'last'] as const

export type ListSort = (typeof SORTS)[number]

export interface ListSearch {
  q?: string
  sort?: ListSort
  desc?: boolean
}

export interface ListRow {
  name: string
  description: string
  engine: string
  rows: number
  bytes: number
  quarantine: number
  /** Time of the server; undefined when no row came in 30 days, or when the token may not know. */
  last: string | undefined
}

export function readListSearch(search: Record<string, unknown>): ListSearch {
  const { q, sort, desc } = search
  return {
    ...(typeof q === 'string' && q !== '' ? { q } : {}),
    ...(SORTS.includes(sort as ListSort) ? { sort: sort as ListSort } : {}),
    ...(desc === true ? { desc: true } : {}),
  }
}

export function listRows(
  sources: readonly DataSourceBody[],
  lastEvents: ReadonlyMap<string, string> | undefined,
  { q = '', sort = 'name', desc = false }: ListSearch,
): ListRow[] {
  const wanted = q.toLowerCase()
  const rows = sources.map((each) => rowOf(each, lastEvents?.get(each.id)))
  const found = rows.filter(
    ({ name, description }) =>
      name.toLowerCase().includes(wanted) || description.toLowerCase().includes(wanted),
  )
  const sign = desc ? -1 : 1
  return found.sort(
    (a, b) => sign * compare(a[sort] ?? '', b[sort] ?? '') || compare(a.name, b.name),
  )
}

function rowOf(source: DataSourceBody, last: string | undefined): ListRow {
  const { name, description, engine, statistics, quarantine_rows: quarantine } = source
  const { row_count: rows, bytes } = statistics
  return { name, description, engine: engine.engine, rows, bytes, quarantine, last }
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b))
}
