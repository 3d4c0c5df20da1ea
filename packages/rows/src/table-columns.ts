// What the engine must be told about columns so that it stores decoded rows as they are meant.
import type { Column } from '@sandpiper/datafile'

const OWN_QUARANTINE_COLUMNS: readonly Column[] = [
  columnOf('c__error_column', 'Array(String)', null),
  columnOf('c__error', 'Array(String)', null),
  columnOf('c__import_id', 'Nullable(String)', null),
  columnOf('insertion_date', 'DateTime', 'now()'),
  columnOf('c__raw', 'Nullable(String)', null),
  columnOf('c__raw_form', 'LowCardinality(String)', "'sent'"),
]

/**
 * Columns of the quarantine table: every column of the data source as Nullable(String), then the columns that say why, when, and what
 * the line was. A column of the data source that is called like one of these is left out: its value is in `c__raw`.
 * `c__raw_form` is a RawForm. It is hidden in the table (MATERIALIZED), so an insert needs `insert_allow_materialized_columns = 1`.
 * Source: Tinybird docs on quarantine, read 2026-11; `c__raw` and `c__raw_form` are our own (ADR 0007, 0009).
 */
export function quarantineColumns(columns: readonly Column[]): Column[] {
  const own = new Set(OWN_QUARANTINE_COLUMNS.map((column) => column.name))
  const original = columns.filter((column) => !own.has(column.name))
  return [
    ...original.map((column) => columnOf(column.name, 'Nullable(String)', null)),
    ...OWN_QUARANTINE_COLUMNS,
  ]
}

/**
 * The structure argument of `file()` and `url()`: names, types and DEFAULT expressions. Fields left out of a row get these defaults.
 * The result is plain text: it still must be written as a string literal.
 */
export function structureOf(columns: readonly Column[]): string {
  return columns
    .map(
      ({ name, type, default: expression }) =>
        `${quoted(name)} ${type}${expression === null ? '' : ` DEFAULT ${expression}`}`,
    )
    .join(', ')
}

/** The column list of an INSERT, and of the SELECT that feeds it: every column, quoted, in order. */
export function insertColumns(columns: readonly Column[]): string {
  return columns.map(({ name }) => quoted(name)).join(', ')
}

function columnOf(name: string, type: string, expression: string | null): Column {
  return { name, type, jsonPath: null, default: expression, codec: null }
}

function quoted(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}
