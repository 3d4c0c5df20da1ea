// ALTERs from one version of a data source to another that keeps its table. Columns are added while a deployment is staged,
// because its views may need them; everything else waits for the promotion, so that a discarded deployment leaves no trace.
import { type Column, type DataSourceFile } from '@sandpiper/datafile'
import { quoteIdentifier } from '@sandpiper/sql'

import { sameIndex } from './compare-data-source.ts'
import { columnDefinition, indexDefinition, qualified, quarantined, ttlClause } from './ddl.ts'
import { effectiveEngine, isMergeTree } from './effective-engine.ts'

/** The table and the quarantine a data source has. */
export interface TableNames {
  readonly database: string
  readonly table: string
  readonly quarantine: string
}

/** Adds the columns that `to` has and `from` has not, in their places. Idempotent. */
export function addColumns(names: TableNames, from: DataSourceFile, to: DataSourceFile): string[] {
  const known = new Set(from.columns.map((each) => each.name))
  return to.columns.flatMap((column, index) => {
    if (known.has(column.name)) return []
    const before = to.columns[index - 1]
    const place = before === undefined ? 'FIRST' : `AFTER ${quoteIdentifier(before.name)}`
    const text = `${quoteIdentifier(column.name)} Nullable(String)`
    // Beside the column it follows, when the quarantine has that one.
    const isPlaced = before !== undefined && quarantined(to).includes(before)
    const quarantinePlace = before === undefined || isPlaced ? ` ${place}` : ''
    const isQuarantined = quarantined(to).includes(column)
    return [
      `ALTER TABLE ${table(names)} ADD COLUMN IF NOT EXISTS ${columnDefinition(column)} ${place}`,
      ...(isQuarantined
        ? [`ALTER TABLE ${quarantine(names)} ADD COLUMN IF NOT EXISTS ${text}${quarantinePlace}`]
        : []),
    ]
  })
}

/** Takes away the columns that `from` has and `to` has not: undoes addColumns. Idempotent. */
export function dropColumns(names: TableNames, from: DataSourceFile, to: DataSourceFile): string[] {
  const kept = new Set(to.columns.map((each) => each.name))
  return from.columns
    .filter((column) => !kept.has(column.name))
    .flatMap((column) => [
      `ALTER TABLE ${table(names)} DROP COLUMN IF EXISTS ${quoteIdentifier(column.name)}`,
      ...(quarantined(from).includes(column)
        ? [`ALTER TABLE ${quarantine(names)} DROP COLUMN IF EXISTS ${quoteIdentifier(column.name)}`]
        : []),
    ])
}

/** Defaults, codecs, indexes, settings and TTL from `from` to `to`; columns that only one of them has are left alone. */
export function changeTable(names: TableNames, from: DataSourceFile, to: DataSourceFile): string[] {
  const old = new Map(from.columns.map((each) => [each.name, each]))
  const columns = to.columns.flatMap((column) => {
    const before = old.get(column.name)
    return before === undefined ? [] : columnChanges(before, column)
  })
  const rest = isMergeTree(effectiveEngine(to))
    ? [...indexChanges(from, to), ...settingChanges(from, to)]
    : []
  const ttl = isMergeTree(effectiveEngine(to)) ? ttlChange(from, to) : []
  // The TTL comes last: it may delete rows, which no later failure could bring back.
  return [...columns, ...rest, ...ttl].map((change) => `ALTER TABLE ${table(names)} ${change}`)
}

function table({ database, table: name }: TableNames): string {
  return qualified(database, name)
}

function quarantine({ database, quarantine: name }: TableNames): string {
  return qualified(database, name)
}

function columnChanges(before: Column, after: Column): string[] {
  const name = quoteIdentifier(after.name)
  const changes: string[] = []
  if (before.default !== after.default) {
    changes.push(
      after.default === null
        ? `MODIFY COLUMN ${name} REMOVE DEFAULT`
        : `MODIFY COLUMN ${columnDefinition({ ...after, codec: null })}`,
    )
  }
  if (before.codec !== after.codec) {
    changes.push(
      after.codec === null
        ? `MODIFY COLUMN ${name} REMOVE CODEC`
        : `MODIFY COLUMN ${columnDefinition({ ...after, default: null })}`,
    )
  }
  return changes
}

function indexChanges(from: DataSourceFile, to: DataSourceFile): string[] {
  const kept = (
    index: DataSourceFile['indexes'][number],
    others: DataSourceFile['indexes'],
  ): boolean => others.some((other) => other.name === index.name && sameIndex(other, index))
  return [
    ...from.indexes
      .filter((each) => !kept(each, to.indexes))
      .map((each) => `DROP INDEX IF EXISTS ${quoteIdentifier(each.name)}`),
    ...to.indexes
      .filter((each) => !kept(each, from.indexes))
      .map((each) => `ADD ${indexDefinition(each).replace(/^INDEX /, 'INDEX IF NOT EXISTS ')}`),
  ]
}

function settingChanges(from: DataSourceFile, to: DataSourceFile): string[] {
  const before = effectiveEngine(from).settings
  const after = effectiveEngine(to).settings
  return [
    ...Object.keys(before)
      .filter((name) => after[name] === undefined)
      .map((name) => `RESET SETTING ${name}`),
    ...Object.entries(after)
      .filter(([name, value]) => before[name] !== value)
      .map(([name, value]) => `MODIFY SETTING ${name} = ${value}`),
  ]
}

function ttlChange(from: DataSourceFile, to: DataSourceFile): string[] {
  const before = effectiveEngine(from).ttl
  const after = effectiveEngine(to).ttl
  if (before === after) return []
  return after === null ? ['REMOVE TTL'] : [`MODIFY TTL ${ttlClause(after)}`]
}
