// The statements that make tables and views. Every name is ours or quoted; every expression went through fragmentProblems
// and the gate before. See docs/adr/0002 for the names and engine-facts for the durability settings.
import { splitNullable, type Column, type DataSourceFile, type Index } from '@sandpiper/datafile'
import { quoteIdentifier } from '@sandpiper/sql'

import { effectiveEngine, isMergeTree, type EffectiveEngine } from './effective-engine.ts'
import { identifierList, spliced } from './sql-fragments.ts'
import { parseTtl } from './ttl.ts'

/** Without these the engine may lose what it confirmed: it does not fsync by default. */
export const DURABLE_SETTINGS =
  'fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1'

/** `db.table`, quoted. */
export function qualified(database: string, table: string): string {
  return `${quoteIdentifier(database)}.${quoteIdentifier(table)}`
}

/** CREATE DATABASE for a workspace or branch. Idempotent. */
export function createDatabase(database: string): string {
  return `CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(database)} ENGINE = Atomic`
}

/** CREATE TABLE of a data source. */
export function createTable(database: string, table: string, file: DataSourceFile): string {
  const engine = effectiveEngine(file)
  const lines = [
    ...file.columns.map(columnDefinition),
    ...(isMergeTree(engine) ? file.indexes.map(indexDefinition) : []),
  ]
  return [
    `CREATE TABLE ${qualified(database, table)}`,
    `(\n    ${lines.join(',\n    ')}\n)`,
    `ENGINE = ${engineCall(engine)}`,
    ...(isMergeTree(engine) ? mergeTreeClauses(engine) : []),
  ].join('\n')
}

/**
 * Columns of a quarantine table that `SELECT *` does not show: what `c__raw` holds (RawForm of packages/rows), and which row it is.
 * Whoever copies rows copies both, with `insert_allow_materialized_columns = 1`. See docs/adr/0009.
 */
export const HIDDEN_QUARANTINE_COLUMNS = {
  rawForm: "c__raw_form LowCardinality(String) MATERIALIZED 'sent'",
  rowId: 'c__row_id UUID MATERIALIZED generateUUIDv7()',
} as const

/** CREATE TABLE of the quarantine of a data source: every column as text, the reasons, the refused line itself. Rows stay 10 days. */
export function createQuarantineTable(
  database: string,
  table: string,
  file: DataSourceFile,
): string {
  const columns = [
    ...quarantined(file).map((each) => `${quoteIdentifier(each.name)} Nullable(String)`),
    'c__error_column Array(String)',
    'c__error Array(String)',
    'c__import_id Nullable(String)',
    'insertion_date DateTime DEFAULT now()',
    'c__raw Nullable(String)',
    ...Object.values(HIDDEN_QUARANTINE_COLUMNS),
  ]
  return [
    `CREATE TABLE ${qualified(database, table)}`,
    `(\n    ${columns.join(',\n    ')}\n)`,
    'ENGINE = MergeTree',
    'ORDER BY insertion_date',
    'TTL insertion_date + INTERVAL 10 DAY',
    `SETTINGS ${DURABLE_SETTINGS}`,
  ].join('\n')
}

/** Columns that every quarantine has beside those of its data source. Whoever copies rows copies the hidden ones too: a row stays the same row. */
export const QUARANTINE_COLUMNS: readonly string[] = [
  'c__error_column',
  'c__error',
  'c__import_id',
  'insertion_date',
  'c__raw',
  'c__raw_form',
  'c__row_id',
]

/** Columns that the quarantine has as text: all but those named like one of its own. */
export function quarantined(file: DataSourceFile): readonly Column[] {
  return file.columns.filter((each) => !QUARANTINE_COLUMNS.includes(each.name))
}

/** A column as CREATE TABLE and ALTER TABLE write it. */
export function columnDefinition(column: Column): string {
  return [
    quoteIdentifier(column.name),
    column.type,
    column.default === null ? '' : `DEFAULT ${spliced(column.default)}`,
    column.codec === null ? '' : `CODEC(${spliced(column.codec)})`,
  ]
    .filter((each) => each !== '')
    .join(' ')
}

/** An index as CREATE TABLE and ADD INDEX write it. */
export function indexDefinition(index: Index): string {
  const granularity = index.granularity === null ? '' : ` GRANULARITY ${index.granularity}`
  return `INDEX ${quoteIdentifier(index.name)} (${spliced(index.expression)}) TYPE ${spliced(index.type)}${granularity}`
}

/** What follows TTL. */
export function ttlClause(text: string): string {
  const ttl = parseTtl(text)
  if (ttl === null) return spliced(text)
  return `${spliced(ttl.expression)}${ttl.where === null ? '' : ` DELETE WHERE ${spliced(ttl.where)}`}`
}

/** A materialized view that writes the named columns of `select` into `target`. */
export function createView(input: {
  readonly database: string
  readonly view: string
  readonly target: string
  /** Columns of the target that the SELECT gives, with the target's types. */
  readonly columns: readonly Pick<Column, 'name' | 'type'>[]
  readonly select: string
}): string {
  const columns = input.columns
    .map((each) => `${quoteIdentifier(each.name)} ${each.type}`)
    .join(', ')
  return [
    `CREATE MATERIALIZED VIEW ${qualified(input.database, input.view)}`,
    `TO ${qualified(input.database, input.target)} (${columns})`,
    `AS ${input.select}`,
  ].join('\n')
}

/** Fills a table from a SELECT, column by name. */
export function insertSelect(input: {
  readonly database: string
  readonly table: string
  readonly columns: readonly string[]
  readonly select: string
}): string {
  const columns = identifierList(input.columns)
  return `INSERT INTO ${qualified(input.database, input.table)} (${columns})\nSELECT ${columns} FROM (\n${input.select}\n)`
}

/** Removes a table or view at once, when it is there. */
export function dropTable(database: string, table: string): string {
  return `DROP TABLE IF EXISTS ${qualified(database, table)} SYNC`
}

/** Whether a column may be left out of an insert. */
export function isOptional(column: Column): boolean {
  return column.default !== null || splitNullable(column.type).nullable
}

function engineCall(engine: EffectiveEngine): string {
  const args = engineArguments(engine)
  return args.length === 0 ? engine.type : `${engine.type}(${args.join(', ')})`
}

function engineArguments(engine: EffectiveEngine): string[] {
  const name = (value: string | null): string[] => (value === null ? [] : [quoteIdentifier(value)])
  switch (engine.type) {
    case 'ReplacingMergeTree':
      return engine.ver === null ? [] : [...name(engine.ver), ...name(engine.isDeleted)]
    case 'SummingMergeTree':
      return engine.summingColumns === null
        ? []
        : [`(${identifierList(columnNames(engine.summingColumns))})`]
    case 'CollapsingMergeTree':
      return name(engine.sign)
    case 'VersionedCollapsingMergeTree':
      return [...name(engine.sign), ...name(engine.version)]
    case 'Join':
      return [
        engine.other['ENGINE_JOIN_STRICTNESS'] ?? 'ANY',
        engine.other['ENGINE_JOIN_TYPE'] ?? 'LEFT',
        ...columnNames(engine.other['ENGINE_KEY_COLUMNS'] ?? '').map(quoteIdentifier),
      ]
    default:
      return []
  }
}

function columnNames(list: string): string[] {
  return list
    .replace(/^\((.*)\)$/, '$1')
    .split(',')
    .map((each) => each.trim().replace(/^`(.*)`$/, '$1'))
    .filter((each) => each !== '')
}

function mergeTreeClauses(engine: EffectiveEngine): string[] {
  const key = (text: string): string => `(${spliced(text)})`
  const settings = Object.entries(engine.settings).map(([name, value]) => `${name} = ${value}`)
  const isPlain = engine.type === 'MergeTree'
  return [
    ...(engine.partitionKey === null ? [] : [`PARTITION BY ${key(engine.partitionKey)}`]),
    ...(engine.primaryKey === '' ? [] : [`PRIMARY KEY ${key(engine.primaryKey)}`]),
    `ORDER BY ${engine.sortingKey === '' ? 'tuple()' : key(engine.sortingKey)}`,
    ...(engine.samplingKey === null ? [] : [`SAMPLE BY ${key(engine.samplingKey)}`]),
    ...(engine.ttl === null ? [] : [`TTL ${ttlClause(engine.ttl)}`]),
    `SETTINGS ${[DURABLE_SETTINGS, ...(isPlain ? ['enable_block_number_column = 1'] : []), ...settings].join(', ')}`,
  ]
}
