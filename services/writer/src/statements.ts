// The SQL the writer sends. All names are our own machine names (see packages/deployment); texts are quoted all the same.
import type { Column } from '@sandpiper/datafile'
import { insertColumns } from '@sandpiper/rows'

/** Settings of every load: one block per insert, so one part per partition and one step of the block number per target. */
export const LOAD_SETTINGS: Readonly<Record<string, string | number>> = {
  async_insert: 0,
  insert_deduplicate: 0,
  materialized_views_ignore_errors: 0,
  max_insert_threads: 1,
  min_insert_block_size_rows: 1_000_000_000,
  min_insert_block_size_bytes: 1_000_000_000_000,
  min_insert_block_size_rows_for_materialized_views: 1_000_000_000,
  min_insert_block_size_bytes_for_materialized_views: 1_000_000_000_000,
  parallel_view_processing: 0,
  date_time_input_format: 'basic',
  input_format_skip_unknown_fields: 1,
  // The hidden columns of quarantine tables; no other table has any.
  insert_allow_materialized_columns: 1,
}

/** Partitions of one insert once a batch was refused for having more than the engine's own 100. */
export const WIDE_PARTITIONS_MAX = 1_000

/** Settings of a statement that writes to live tables. @param guard what names the only life of the engine that may run it. */
export function liveSettings(
  guard: Readonly<Record<string, string>>,
): Record<string, string | number> {
  return { ...LOAD_SETTINGS, ...guard }
}

/** For scratch tables only: the limit guards live tables, which get their parts one partition at a time. */
export const SCRATCH_SETTINGS: Readonly<Record<string, string | number>> = {
  ...LOAD_SETTINGS,
  max_partitions_per_insert_block: 0,
}

export function identifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}

export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

export function qualified(database: string, table: string): string {
  return `${identifier(database)}.${identifier(table)}`
}

export function columnList(names: readonly string[]): string {
  return names.map(identifier).join(', ')
}

/** An NDJSON file. Fields left out of a line take the DEFAULT of their column. */
export interface RowFile {
  readonly path: string
  readonly columns: readonly Column[]
}

/** Rows where the engine can read them: see staging.ts. */
export interface RowSource {
  /** What stands behind FROM. */
  readonly from: string
  readonly columns: readonly Column[]
}

/**
 * `INSERT INTO table (columns) SELECT columns FROM ...`.
 * @param into a qualified, quoted table. @param taken which of the source's columns; default all.
 */
export function insertRows(into: string, source: RowSource, taken = source.columns): string {
  const list = insertColumns(taken)
  return `INSERT INTO ${into} (${list}) SELECT ${list} FROM ${source.from}`
}

/**
 * A view's SELECT reading its source table of another database, as the engine itself does when it pushes a block: every
 * mention of the source becomes the block. Texts and quoted names are left alone.
 */
export function readFromDatabase(
  select: string,
  source: { database: string; table: string },
  database: string,
): string {
  const mention = new RegExp(
    `'(?:[^'\\\\]|\\\\.)*'|"(?:[^"\\\\]|\\\\.)*"|\`(?:[^\`\\\\]|\\\\.)*\`|(?<![\\w.])${source.database}\\.${source.table}(?!\\w)`,
    'gs',
  )
  return select.replace(mention, (found) =>
    found === `${source.database}.${source.table}` ? `${database}.${source.table}` : found,
  )
}
