// How an engine gets at the lines of a batch. Beside us it reads our files; a server is sent them into a table in its memory, named after
// the attempt, from which the live table is filled in a second statement. That statement is short, and once the staged table is gone it can
// do nothing: so one that was delayed on its way is harmless, as it is when a file is gone. A server that was started anew has lost what
// was staged, and the statement says how many rows it has to find.
import { createReadStream } from 'node:fs'
import type { ClickHouse } from '@sandpiper/clickhouse'
import { structureOf } from '@sandpiper/rows'
import { isTableGone } from './engine-errors.ts'
import {
  identifier,
  literal,
  LOAD_SETTINGS,
  qualified,
  type RowFile,
  type RowSource,
} from './statements.ts'

export interface Staging {
  /**
   * Brings the lines of a file to where the engine can read them. Rejects with the engine's error when it refuses one of them; then
   * nothing was written anywhere else.
   * @param attempt id; stands in each statement. @param condition what the statement that reads the rows must find besides.
   */
  bring(attempt: string, file: RowFile, condition?: string | null): Promise<RowSource>
  /** Asks for the end of what still runs for an attempt. */
  stop(attempt: string): Promise<void>
  /** Takes away what was brought for an attempt; returns when no statement can read it any more. */
  remove(attempt: string): Promise<void>
  /** Called at the start: what a former life left. @param ours what our ids begin with where other writers use the server; all of it is ours by default. */
  clean(ours?: string): Promise<void>
}

/** Tables of rows on their way, and the table that tells one life of the server from the next. */
const STAGING_DATABASE = 'sandpiper_staging'
/** Of one load, or of one look at what is left. */
const TIMEOUT_MS = 120_000
/** What is older belongs to no attempt that still runs. */
const LEFT_SECONDS = 3_600
const LEFT_MAX = 100

/** An engine beside us reads the files themselves. */
export function stageFiles(): Staging {
  return {
    bring: (_attempt, { path, columns }) =>
      Promise.resolve({
        columns,
        from: `file(${literal(path)}, 'JSONEachRow', ${literal(structureOf(columns))})`,
      }),
    // What runs here ends by itself within its time, and a file may be read to its end.
    stop: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    clean: () => Promise.resolve(),
  }
}

/** A server is sent the lines. */
export function stageOnServer(clickhouse: ClickHouse): Staging {
  let next = 1
  /** Attempts whose tables could not be taken away: tried again with the next. */
  let left: string[] = []
  return {
    async bring(attempt, { path, columns }, condition = null) {
      const table = qualified(STAGING_DATABASE, `${attempt}_${next++}`)
      const structure = structureOf(columns)
      const create = `CREATE TABLE ${table} (${structure}) ENGINE = Memory`
      await clickhouse.command({ sql: create }).catch(async (err: unknown) => {
        if (!isTableGone(err)) throw err
        await ensureStaging(clickhouse)
        await clickhouse.command({ sql: create })
      })
      const counted = { lines: 0 }
      await clickhouse.insert({
        sql: `INSERT INTO ${table} FORMAT JSONEachRow`,
        data: linesOf(path, counted),
        settings: STAGE_SETTINGS,
        timeoutMs: TIMEOUT_MS,
      })
      const isWhole = `(SELECT throwIf(count() != ${counted.lines}, 'The staged rows are gone') FROM ${table}) = 0`
      const all = condition === null ? isWhole : `${isWhole} AND ${condition}`
      return { columns, from: `(SELECT * FROM ${table} WHERE ${all})` }
    },
    stop: (attempt) =>
      clickhouse.command({
        // The attempt stands in a parameter: this statement is none of its own.
        sql: 'KILL QUERY WHERE position(query, {attempt:String}) > 0 ASYNC',
        params: { attempt },
      }),
    async remove(attempt) {
      const attempts = [...left, attempt]
      left = []
      const isTheirs = attempts.map((each) => `startsWith(name, ${literal(`${each}_`)})`)
      try {
        await dropTables(clickhouse, `(${isTheirs.join(' OR ')})`)
      } catch (err) {
        left = [...left, ...attempts].slice(-LEFT_MAX)
        throw err
      }
    },
    async clean(ours = '') {
      await ensureStaging(clickhouse)
      // Of other writers only what nobody can need any more.
      const isLeft = `startsWith(name, ${literal(ours)}) OR metadata_modification_time < now() - ${LEFT_SECONDS}`
      await dropTables(clickhouse, `name != 'life' AND (${isLeft})`)
    },
  }
}

/** One block, whatever is in it; lines are read in their order. */
const STAGE_SETTINGS = {
  ...LOAD_SETTINGS,
  input_format_parallel_parsing: 0,
  max_insert_block_size: 1_000_000_000,
}

/** Empties itself when the server is started anew: whoever finds it empty writes a new name for the life. */
export const LIFE_TABLE = qualified(STAGING_DATABASE, 'life')

/** Makes what staging needs on a server. Idempotent. */
export async function ensureStaging(clickhouse: ClickHouse): Promise<void> {
  await clickhouse.command({
    sql: `CREATE DATABASE IF NOT EXISTS ${identifier(STAGING_DATABASE)} ENGINE = Atomic`,
  })
  await clickhouse.command({
    sql: `CREATE TABLE IF NOT EXISTS ${LIFE_TABLE} (id String) ENGINE = Memory`,
  })
}

async function dropTables(clickhouse: ClickHouse, which: string): Promise<void> {
  const found = await clickhouse.rows<{ name: string }>({
    sql: `SELECT name FROM system.tables WHERE database = ${literal(STAGING_DATABASE)} AND ${which}`,
  })
  for (const { name } of found) {
    const table = qualified(STAGING_DATABASE, name)
    await clickhouse.command({
      sql: `DROP TABLE IF EXISTS ${table} SYNC`,
      timeoutMs: TIMEOUT_MS,
    })
  }
}

async function* linesOf(path: string, counted: { lines: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    const bytes = chunk as Buffer
    for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1))
      counted.lines += 1
    yield bytes
  }
}
