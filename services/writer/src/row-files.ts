// How the files of a batch look to the engine: column names, and a structure that gives omitted fields their defaults.
import type { Column } from '@sandpiper/datafile'
import { identifier, type NdjsonFile } from './statements.ts'

/** An NDJSON file with the columns to insert from it. */
export interface RowFile extends NdjsonFile {
  readonly columns: readonly string[]
}

/** A file of valid rows. */
export function fileOfRows(columns: readonly Column[], path: string): RowFile {
  const structure = columns.map(({ name, type, default: expression }) =>
    expression === null
      ? `${identifier(name)} ${type}`
      : `${identifier(name)} ${type} DEFAULT ${expression}`,
  )
  return { path, columns: columns.map(({ name }) => name), structure: structure.join(', ') }
}

const QUARANTINE_COLUMNS = [
  ['c__error_column', 'Array(String)'],
  ['c__error', 'Array(String)'],
  ['c__import_id', 'Nullable(String)'],
  ['c__raw', 'Nullable(String)'],
] as const

/** A file of refused lines, shaped like rows of the quarantine table. */
export function fileOfRefused(columns: readonly Column[], path: string): RowFile {
  const all = [
    ...columns.map(({ name }) => [name, 'Nullable(String)'] as const),
    ...QUARANTINE_COLUMNS,
  ]
  const structure = all.map(([name, type]) => `${identifier(name)} ${type}`).join(', ')
  return { path, columns: all.map(([name]) => name), structure }
}
