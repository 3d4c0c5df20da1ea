// All rows of the catalog as they were at one moment, as text that any later version can read back in. Logical, so that it is the same
// for the embedded Postgres and for one of your own.
import { fault } from '@sandpiper/faults'
import type pg from 'pg'

import type { Database } from './database.ts'

/** What the catalog held at one moment; held open by a transaction until it was read or closed. */
export interface CatalogSnapshot {
  /** One JSON text per line, without the line break: a head, rows by tables, and an end. Can be read once. */
  lines(): AsyncIterable<string>
  /** Ends the transaction. Idempotent. */
  close(): Promise<void>
}

/** First line of a snapshot. */
export interface SnapshotHead {
  readonly format: typeof SNAPSHOT_FORMAT
  /** Migrations that made its tables. */
  readonly migrations: readonly { readonly version: number; readonly checksum: string }[]
}

/** Rows of one table, as Postgres writes them as JSON. */
export interface SnapshotRows {
  readonly table: string
  readonly rows: readonly unknown[]
}

/** Last line: a text without it was cut off. */
export interface SnapshotEnd {
  readonly end: true
  readonly rows: number
}

/** Of the text; another one is refused. */
export const SNAPSHOT_FORMAT = 1

/** Says which backup a catalog came from; of no interest to the next one. */
export const RESTORED_TABLE = 'restored_backup'

/** A deployment may take megabytes. */
const ROWS_PER_LINE = 20
const STATEMENT_MS = 600_000

/**
 * Holds the rows of this moment. @throws fault `catalog.unavailable`.
 */
export async function openSnapshot(
  database: Pick<Database, 'connectAlone'>,
): Promise<CatalogSnapshot> {
  const client = await database.connectAlone()
  let isOpen = true
  const close = async (): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    await client.end()
  }
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    // Whoever reads slowly holds nobody up: the transaction may idle between two lines. The first statement fixes the moment.
    await client.query(
      `SET LOCAL idle_in_transaction_session_timeout = ${STATEMENT_MS}; SET LOCAL statement_timeout = ${STATEMENT_MS}; SELECT 1`,
    )
  } catch (cause) {
    await close()
    throw fault('catalog.unavailable', {
      public: 'The catalog is not available right now. Try again.',
      internal: String(cause),
      cause,
    })
  }
  return { lines: () => readLines(client), close }
}

async function* readLines(client: pg.Client): AsyncGenerator<string> {
  const migrations = await client.query(
    'SELECT version, checksum FROM schema_migrations ORDER BY version',
  )
  const head: SnapshotHead = {
    format: SNAPSHOT_FORMAT,
    migrations: migrations.rows as SnapshotHead['migrations'],
  }
  yield JSON.stringify(head)
  let count = 0
  for (const table of await tablesOf(client)) {
    await client.query(
      `DECLARE rows_of_table NO SCROLL CURSOR FOR SELECT to_json(t)::text AS row FROM ${quoted(table)} AS t`,
    )
    for (;;) {
      const { rows } = await client.query<{ row: string }>(
        `FETCH ${ROWS_PER_LINE} FROM rows_of_table`,
      )
      if (rows.length === 0) break
      count += rows.length
      // The rows' text stays as Postgres wrote it: a number never passes through ours.
      yield `{"table":${JSON.stringify(table)},"rows":[${rows.map(({ row }) => row).join(',')}]}`
    }
    await client.query('CLOSE rows_of_table')
  }
  yield JSON.stringify({ end: true, rows: count } satisfies SnapshotEnd)
}

/** The catalog's own, without what tells which migrations made them. */
async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT IN ('schema_migrations', '${RESTORED_TABLE}') ORDER BY 1`,
  )
  return rows.map(({ name }) => name)
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
