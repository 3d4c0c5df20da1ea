// Reads what doubt.ts reasons about: block numbers of the targets, and whether an attempt still runs. What several lanes ask at the
// same moment goes in one statement, and what a load left behind is remembered for the next one.
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { Blocks } from './doubt.ts'
import { isTableGone } from './engine-errors.ts'
import { EMBEDDED_LIFE, type EngineLife } from './engine-life.ts'
import { literal } from './statements.ts'

/** Block numbers, and the life of the engine in which they were read: in another life they may begin anew. */
interface Reading {
  readonly blocks: Blocks
  readonly life: string
}

export interface BlockNumbers {
  /** Highest block number per partition of these tables, from active parts only: a part that was rolled back is none. */
  read(database: string, tables: readonly string[]): Promise<Reading>
  /**
   * The same from memory, when every table was read by `read` in one life and not forgotten since; else read anew. Only for tables
   * that nobody but us wrote to since: a statement that relies on it has to name the life.
   */
  known(database: string, tables: readonly string[]): Promise<Reading>
  /** Called when anything but a good load may have written to the database: a turn, or a doubt. */
  forget(database: string): void
}

/** What the engine has used of the processors since its start, told with each reading. */
export type OnUsed = (used: { readonly life: string; readonly cpuMs: number }) => void

interface Asked {
  readonly database: string
  readonly tables: readonly string[]
  readonly resolve: (reading: Reading) => void
  readonly reject: (err: unknown) => void
}

const TABLES_PER_READ = 500

/** @param rest when it resolves the next statement may be sent, for all who have asked by then. */
export function createBlockNumbers(
  clickhouse: ClickHouse,
  onUsed: OnUsed,
  rest: () => Promise<void> = () => Promise.resolve(),
  life: EngineLife = EMBEDDED_LIFE,
): BlockNumbers {
  const memory = createMemory()
  let waiting: Asked[] = []
  let isReading = false

  async function readAll(): Promise<void> {
    isReading = true
    while (waiting.length > 0) {
      await rest()
      const group = takeGroup(waiting)
      waiting = waiting.slice(group.length)
      // What is forgotten while the engine answers may have changed after it looked.
      const age = memory.age()
      try {
        const found = await readInLife(clickhouse, life, group)
        onUsed(found)
        for (const { database, tables, resolve } of group) {
          const reading = { blocks: found.blocksOf(database, tables), life: found.life }
          memory.keep(database, reading, age)
          resolve(reading)
        }
      } catch (err) {
        for (const { reject } of group) reject(err)
      }
    }
    isReading = false
  }

  const read: BlockNumbers['read'] = (database, tables) =>
    new Promise((resolve, reject) => {
      waiting.push({ database, tables, resolve, reject })
      if (!isReading) void readAll()
    })
  return {
    read,
    async known(database, tables) {
      return memory.recall(database, tables) ?? (await read(database, tables))
    },
    forget: (database) => {
      memory.forget(database)
    },
  }
}

interface Memory {
  age(): number
  keep(database: string, reading: Reading, age: number): void
  recall(database: string, tables: readonly string[]): Reading | null
  forget(database: string): void
}

function createMemory(): Memory {
  let age = 0
  let life = ''
  const databases = new Map<string, { since: number; blocks: Map<string, Blocks[string]> }>()

  function of(database: string): { since: number; blocks: Map<string, Blocks[string]> } {
    const found = databases.get(database) ?? { since: age, blocks: new Map() }
    databases.set(database, found)
    return found
  }

  return {
    age: () => age,
    keep(database, reading, readAt) {
      if (reading.life !== life) databases.clear()
      life = reading.life
      const kept = of(database)
      if (kept.since > readAt) return
      for (const [table, numbers] of Object.entries(reading.blocks)) kept.blocks.set(table, numbers)
    },
    recall(database, tables) {
      const kept = databases.get(database)
      const blocks: Record<string, Blocks[string]> = {}
      for (const table of tables) {
        const numbers = kept?.blocks.get(table)
        if (numbers === undefined) return null
        blocks[table] = numbers
      }
      return { blocks, life }
    },
    forget(database) {
      age += 1
      databases.set(database, { since: age, blocks: new Map() })
    },
  }
}

function takeGroup(waiting: readonly Asked[]): Asked[] {
  let tables = 0
  const over = waiting.findIndex((each, index) => {
    tables += each.tables.length
    return index > 0 && tables > TABLES_PER_READ
  })
  return waiting.slice(0, over === -1 ? waiting.length : over)
}

interface Found {
  readonly life: string
  readonly cpuMs: number
  blocksOf(database: string, tables: readonly string[]): Blocks
}

/** A life without a name is given one, once. */
async function readInLife(
  clickhouse: ClickHouse,
  life: EngineLife,
  group: readonly Asked[],
): Promise<Found> {
  try {
    const found = await readMany(clickhouse, life, group)
    if (found.life !== '') return found
  } catch (err) {
    if (!isTableGone(err)) throw err
  }
  await life.renew()
  return readMany(clickhouse, life, group)
}

async function readMany(
  clickhouse: ClickHouse,
  { life, cpuMs, settings }: EngineLife,
  group: readonly Asked[],
): Promise<Found> {
  const listOf = (names: readonly string[]): string =>
    [...new Set(['', ...names])].map(literal).join(', ')
  const [row] = await clickhouse.rows<{
    life: string
    cpu: string
    parts: [database: string, table: string, partition: string, block: string][]
  }>({
    // One row whatever there is. Filters on each column by itself are what keeps the engine from looking at every table.
    sql: `SELECT ${life} AS life, ${cpuMs} AS cpu, groupArray((d, t, p, b)) AS parts FROM (
            SELECT database AS d, table AS t, partition_id AS p, max(max_block_number) AS b FROM system.parts
            WHERE active AND database IN (${listOf(group.map((each) => each.database))})
              AND table IN (${listOf(group.flatMap((each) => each.tables))})
            GROUP BY d, t, p)`,
    settings: { ...settings, max_threads: 1, output_format_json_named_tuples_as_objects: 0 },
  })
  const found = new Map<string, Record<string, number>>()
  for (const [database, table, partition, block] of row?.parts ?? []) {
    const key = `${database}.${table}`
    const blocks = found.get(key) ?? {}
    blocks[partition] = Number(block)
    found.set(key, blocks)
  }
  return {
    life: row?.life ?? '',
    cpuMs: Number(row?.cpu ?? 0),
    blocksOf: (database, tables) =>
      Object.fromEntries(tables.map((table) => [table, found.get(`${database}.${table}`) ?? {}])),
  }
}

/**
 * Waits until no statement that names the attempt runs in the engine. Its spool file is gone by then, so one that was sent but not
 * started fails by itself. Gives up after `waitMaxMs`: the batch stays in doubt and is looked at again.
 */
export async function waitUntilGone(
  clickhouse: ClickHouse,
  attempt: string,
  timing: { waitMaxMs: number; sleep: (ms: number) => Promise<void> },
): Promise<boolean> {
  const stepMs = 50
  for (let waitedMs = 0; ; waitedMs += stepMs) {
    const running = await clickhouse.rows<{ query_id: string }>({
      sql: `SELECT query_id FROM system.processes
            WHERE position(query, {attempt:String}) > 0 AND position(query, 'system.processes') = 0`,
      params: { attempt },
    })
    if (running.length === 0) return true
    if (waitedMs >= timing.waitMaxMs) return false
    await timing.sleep(stepMs)
  }
}
