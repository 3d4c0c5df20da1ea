// What is asked of both sides: which rows there are, partition by partition, and the rows of one slice.
import type { Column, DataSourceFile } from '@sandpiper/datafile'
import { sqlName, sqlText } from '../sql-rows.ts'
import { isMerging } from './migration-plan.ts'

/** One data source as it is copied. */
export interface CopySubject {
  readonly file: DataSourceFile
  /** Only rows for which this holds; null: all. */
  readonly where: string | null
}

/** Rows `{sandpiper_partition, sandpiper_rows}`; no column is called like that. */
export function partitionsSql({ file, where }: CopySubject): string {
  const key = file.engine?.partitionKey ?? null
  const partition = key === null || key === '' ? `''` : `toString((${key}))`
  return `SELECT ${partition} AS sandpiper_partition, toString(count()) AS sandpiper_rows FROM ${tableOf(file)}
WHERE ${where === null ? '1' : `(${where})`} GROUP BY sandpiper_partition ORDER BY sandpiper_partition`
}

/** One of `slices` parts of a partition: a row is in the same part whenever it is asked for. */
export function sliceSql(
  { file, where }: CopySubject,
  partition: string,
  { slice, slices }: { readonly slice: number; readonly slices: number },
): string {
  const conditions = [
    ...partitionCondition(file, partition),
    ...(slices === 1 ? [] : [`cityHash64(${hashed(file).join(', ')}) % ${slices} = ${slice}`]),
    ...(where === null ? [] : [`(${where})`]),
  ]
  const names = sentColumns(file.columns).map(({ name }) => sqlName(name))
  const filter = conditions.length === 0 ? '' : `\nWHERE ${conditions.join(' AND ')}`
  return `SELECT ${names.join(', ')} FROM ${tableOf(file)}${filter}\nFORMAT JSONEachRow`
}

/** How many parts a partition is read in. */
export function slicesFor(file: DataSourceFile, rows: number, sliceRows: number): number {
  return hashed(file).length === 0 ? 1 : Math.max(1, Math.ceil(rows / sliceRows))
}

/** Columns that an event can bring: in a data source with JSONPaths those that have one. */
export function sentColumns(columns: readonly Column[]): readonly Column[] {
  const withPath = columns.filter(({ jsonPath }) => jsonPath !== null)
  return withPath.length === 0 ? columns : withPath
}

function tableOf(file: DataSourceFile): string {
  return isMerging(file) ? `${file.name} FINAL` : file.name
}

/** Columns of types that every engine can hash. */
function hashed({ columns }: DataSourceFile): string[] {
  return columns
    .filter(({ type }) => !/\b(Map|JSON|Object|Dynamic|Variant|AggregateFunction)\b/.test(type))
    .map(({ name }) => sqlName(name))
}

/** In the form that lets the engine skip other partitions, where its key is of a kind that is known. */
function partitionCondition({ engine }: DataSourceFile, partition: string): string[] {
  const key = engine?.partitionKey ?? null
  if (key === null || key === '') return []
  if (/^to(YYYYMM|YYYYMMDD|Year)\(/.test(key) && /^[0-9]+$/.test(partition))
    return [`${key} = ${partition}`]
  if (/^(toDate|toMonday|toStartOf(Month|Year|Quarter))\([\w`]+\)$/.test(key))
    return [`${key} = ${sqlText(partition)}`]
  return [`toString((${key})) = ${sqlText(partition)}`]
}
