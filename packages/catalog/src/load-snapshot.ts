// Puts a snapshot back, all of it or nothing. Into an empty catalog only: a restore never mixes two pasts.
import type { Logger } from '@sandpiper/telemetry'

import { openDatabase, type PostgresConnection, type Queryable } from './database.ts'
import { findSqlDir, migrateTo, MigrationError } from './migrate.ts'
import {
  RESTORED_TABLE,
  SNAPSHOT_FORMAT,
  type SnapshotEnd,
  type SnapshotHead,
  type SnapshotRows,
} from './open-snapshot.ts'

/**
 * Makes the tables as they were when the snapshot was taken and fills them; createCatalog() then brings them to today's version.
 * @returns false, and nothing done, when this copy of it filled the catalog before (a start that was cut off after the filling).
 * @throws MigrationError when the catalog has other rows, or the text was cut off, is of another format or needs a newer program; nothing is changed then | fault `catalog.unavailable`.
 */
export async function loadSnapshot(options: {
  readonly connection: PostgresConnection
  readonly logger: Logger
  readonly lines: AsyncIterable<string> | Iterable<string>
  /** Names this copy of the snapshot: met again, it is done already. */
  readonly mark: string
  readonly sqlDir?: string
}): Promise<boolean> {
  const database = openDatabase({ ...options, connectionsMax: 1 })
  try {
    return await database.transaction(async (tx) => {
      if (await isThere(tx, 'schema_migrations')) {
        await checkMark(tx, options.mark)
        return false
      }
      await fill(tx, options.lines, options.sqlDir ?? findSqlDir())
      await tx.rows(`CREATE TABLE ${RESTORED_TABLE} (mark text NOT NULL)`)
      await tx.rows(`INSERT INTO ${RESTORED_TABLE} VALUES ($1)`, [options.mark])
      return true
    })
  } finally {
    await database.close()
  }
}

async function isThere(tx: Queryable, table: string): Promise<boolean> {
  const [found] = await tx.rows<{ oid: string | null }>('SELECT to_regclass($1)::text AS oid', [
    table,
  ])
  return found?.oid !== null
}

async function checkMark(tx: Queryable, mark: string): Promise<void> {
  const rows = (await isThere(tx, RESTORED_TABLE))
    ? await tx.rows<{ mark: string }>(`SELECT mark FROM ${RESTORED_TABLE}`)
    : []
  if (rows.some((row) => row.mark === mark)) return
  throw new MigrationError(
    'A backup is to be restored, but its Postgres has a catalog already. Give it an empty database (DATABASE_URL).',
  )
}

async function fill(
  tx: Queryable,
  lines: AsyncIterable<string> | Iterable<string>,
  sqlDir: string,
): Promise<void> {
  let head: SnapshotHead | null = null
  let end: SnapshotEnd | null = null
  let count = 0
  for await (const line of lines) {
    const read = parse(line)
    if (head === null) {
      head = headOf(read)
      await migrateTo(tx, sqlDir, head.migrations)
      // Rows come by the names of tables: who refers to whom is checked by nobody until all are there, and they fitted when they were read.
      await tx.rows(`SET LOCAL session_replication_role = replica`)
      await emptyTables(tx)
    } else if ('table' in read) {
      count += read.rows.length
      await insert(tx, read.table, line)
    } else if ('end' in read) {
      end = read
    }
  }
  if (end?.rows !== count)
    throw new MigrationError('The backup is not whole: its catalog was cut off. Take another one.')
  await continueNumbers(tx)
}

type Line = SnapshotHead | SnapshotRows | SnapshotEnd

function parse(line: string): Line {
  try {
    return JSON.parse(line) as Line
  } catch {
    throw new MigrationError('The backup is not whole: a line of its catalog is damaged.')
  }
}

function headOf(line: Line): SnapshotHead {
  const format: unknown = 'format' in line ? line.format : null
  if ('format' in line && format === SNAPSHOT_FORMAT) return line
  throw new MigrationError(
    'The catalog of this backup was written by another version of Sandpiper.',
  )
}

/** What migrations put into tables by themselves is in the snapshot too. */
async function emptyTables(tx: Queryable): Promise<void> {
  for (const { name } of await tx.rows<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT IN ('schema_migrations', '${RESTORED_TABLE}')`,
  ))
    await tx.rows(`DELETE FROM ${name}`)
}

async function insert(tx: Queryable, table: string, line: string): Promise<void> {
  const columns = await tx.rows<{ name: string }>(
    `SELECT quote_ident(column_name) AS name FROM information_schema.columns
      WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position`,
    [table],
  )
  if (columns.length === 0)
    throw new MigrationError(`The backup has rows of ${table}, which this version does not know.`)
  const names = columns.map(({ name }) => name).join(', ')
  const target = `"${table.replaceAll('"', '""')}"`
  await tx.rows(
    `INSERT INTO ${target} (${names}) OVERRIDING SYSTEM VALUE
      SELECT ${names} FROM json_populate_recordset(NULL::${target}, $1::json -> 'rows')`,
    [line],
  )
}

/** Numbers that Postgres gives go on above those that were given. */
async function continueNumbers(tx: Queryable): Promise<void> {
  const numbered = await tx.rows<{ target: string; name: string; sequence: string }>(
    `SELECT quote_ident(table_name) AS target, quote_ident(column_name) AS name,
        pg_get_serial_sequence(quote_ident(table_name), column_name) AS sequence
      FROM information_schema.columns
      WHERE table_schema = current_schema() AND (is_identity = 'YES' OR column_default LIKE 'nextval(%')`,
  )
  for (const { target, name, sequence } of numbered)
    await tx.rows(
      `SELECT setval($1::regclass, coalesce(max(${name}), 0) + 1, false) FROM ${target}`,
      [sequence],
    )
}
