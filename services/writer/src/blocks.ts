// Reads what doubt.ts reasons about: block numbers of the targets, and whether an attempt still runs.
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { Blocks } from './doubt.ts'

/** Highest block number per partition of these tables, from active parts only: a part that was rolled back is none. */
export async function readBlocks(
  clickhouse: ClickHouse,
  database: string,
  tables: readonly string[],
): Promise<Blocks> {
  const rows = await clickhouse.rows<{ table: string; partition_id: string; block: string }>({
    sql: `SELECT table, partition_id, max(max_block_number) AS block FROM system.parts
          WHERE active AND database = {database:String} AND has({tables:Array(String)}, table)
          GROUP BY table, partition_id`,
    params: { database, tables: `[${tables.map((table) => `'${table}'`).join(',')}]` },
  })
  const blocks: Record<string, Record<string, number>> = {}
  for (const table of tables) blocks[table] = {}
  for (const { table, partition_id, block } of rows) {
    blocks[table] = { ...blocks[table], [partition_id]: Number(block) }
  }
  return blocks
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
