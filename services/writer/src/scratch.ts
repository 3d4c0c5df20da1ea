// A database of its own for one placement: what the batch brings to each target is computed there, beside the live tables, and moved
// over one partition at a time. A placement that is given up leaves only names that nobody will use again.
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { Feed } from './lanes.ts'
import {
  columnList,
  identifier,
  insertRows,
  qualified,
  readFromDatabase,
  type RowSource,
  SCRATCH_SETTINGS,
} from './statements.ts'

const PREFIX = 'writer_scratch_'
const TIMEOUT_MS = 300_000

/** Settings of a statement that writes to a live table. */
export type LiveSettings = Readonly<Record<string, string | number>>

export interface Scratch {
  /** An empty table that takes rows exactly as `table` does but keeps each of them, for views to read. */
  createBlock(table: string): Promise<void>
  /** Loads rows into the block of `table`; all of them or none. */
  loadBlock(table: string, source: RowSource): Promise<void>
  /** Runs a view over the block of its source into the block of its target. */
  feedBlock(feed: Feed): Promise<void>
  /** Empties the block of a table: what lies behind it gets nothing. */
  clearBlock(table: string): Promise<void>
  rowsInBlock(table: string): Promise<number>
  /** Turns the block into parts of the real table's kind; tells their partition ids. */
  cutParts(table: string): Promise<string[]>
  /** Moves one partition into the live table, in one step and without firing its views. @param settings see liveSettings. */
  movePartition(table: string, partitionId: string, settings: LiveSettings): Promise<void>
  /** The block of a table, quoted. */
  blockName(table: string): string
  drop(): Promise<void>
}

/** @param name unlike any used before. */
export async function createScratch(
  clickhouse: ClickHouse,
  database: string,
  name: string,
): Promise<Scratch> {
  const scratch = `${PREFIX}${name}`
  const live = (table: string): string => qualified(database, table)
  const block = (table: string): string => qualified(scratch, table)
  const parts = (table: string): string => qualified(scratch, `${table}_parts`)
  const run = (sql: string): Promise<void> =>
    clickhouse.command({ sql, settings: SCRATCH_SETTINGS, timeoutMs: TIMEOUT_MS })
  const columnsOf = (from: string, table: string): Promise<string[]> =>
    readColumns(clickhouse, from, table)

  await run(`CREATE DATABASE ${identifier(scratch)} ENGINE = Atomic`)
  return {
    createBlock: (table) => run(`CREATE TABLE ${block(table)} AS ${live(table)} ENGINE = Memory`),
    async loadBlock(table, source) {
      const known = new Set(await columnsOf(database, table))
      // The table may no longer have every column of the frame's version.
      const taken = source.columns.filter(({ name }) => known.has(name))
      await run(insertRows(block(table), source, taken))
    },
    async feedBlock({ source, view }) {
      const select = readFromDatabase(view.select, { database, table: source }, scratch)
      const inTarget = new Set(await columnsOf(scratch, view.target))
      // The engine matches a view's columns to its target by name and drops the others.
      const columns = (await columnsOf(database, view.name)).filter((each) => inTarget.has(each))
      const list = columnList(columns)
      await run(`INSERT INTO ${block(view.target)} (${list}) SELECT ${list} FROM (${select})`)
    },
    clearBlock: (table) => run(`TRUNCATE TABLE ${block(table)}`),
    async rowsInBlock(table) {
      const [row] = await clickhouse.rows<{ rows: string }>({
        sql: `SELECT count() AS rows FROM ${block(table)}`,
      })
      return Number(row?.rows ?? 0)
    },
    async cutParts(table) {
      await run(`CREATE TABLE ${parts(table)} AS ${live(table)}`)
      const list = columnList(await columnsOf(scratch, table))
      await run(`INSERT INTO ${parts(table)} (${list}) SELECT ${list} FROM ${block(table)}`)
      const rows = await clickhouse.rows<{ partition_id: string }>({
        sql: `SELECT DISTINCT partition_id FROM system.parts
              WHERE active AND rows > 0 AND database = {database:String} AND table = {table:String}
              ORDER BY partition_id`,
        params: { database: scratch, table: `${table}_parts` },
      })
      return rows.map((row) => row.partition_id)
    },
    movePartition: (table, partitionId, settings) =>
      clickhouse.command({
        sql: `ALTER TABLE ${live(table)} ATTACH PARTITION ID '${partitionId}' FROM ${parts(table)}`,
        settings,
        timeoutMs: TIMEOUT_MS,
      }),
    blockName: block,
    drop: () => run(`DROP DATABASE IF EXISTS ${identifier(scratch)} SYNC`),
  }
}

/** Removes the scratch databases of one attempt, or of every former life. */
export async function dropScratches(clickhouse: ClickHouse, attempt = ''): Promise<void> {
  const left = await clickhouse.rows<{ name: string }>({
    sql: `SELECT name FROM system.databases WHERE startsWith(name, {prefix:String})`,
    params: { prefix: `${PREFIX}${attempt}` },
  })
  for (const { name } of left) {
    await clickhouse.command({ sql: `DROP DATABASE IF EXISTS ${identifier(name)} SYNC` })
  }
}

/** Columns that can be inserted into: no ALIAS or EPHEMERAL ones. Those of a quarantine that are MATERIALIZED are stored like others. */
async function readColumns(
  clickhouse: ClickHouse,
  database: string,
  table: string,
): Promise<string[]> {
  const rows = await clickhouse.rows<{ name: string }>({
    sql: `SELECT name FROM system.columns
          WHERE database = {database:String} AND table = {table:String}
            AND default_kind IN ('', 'DEFAULT', 'MATERIALIZED') ORDER BY position`,
    params: { database, table },
  })
  return rows.map((row) => row.name)
}
