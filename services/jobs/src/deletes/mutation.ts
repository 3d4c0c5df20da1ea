// One mutation of the engine, found by the id of its job, which stands in its text: so a job that is run again after a crash goes on
// watching what it had submitted instead of submitting it twice.
import type { ClickHouse } from '@sandpiper/clickhouse'

/** How far a mutation is. */
export interface MutationState {
  readonly isDone: boolean
  readonly isKilled: boolean
  readonly partsToDo: number
  /** What the engine said of its last failure; it goes on trying. */
  readonly failure: string | null
}

/** Where a delete runs. */
export interface MutationPlace {
  readonly database: string
  readonly table: string
  /** UUID. */
  readonly jobId: string
}

const WHERE = `database = {database:String} AND table = {table:String} AND position(command, {jobId:String}) > 0`

/** The mutation of a job; null when it was not submitted, or its table is gone. @throws faults of the engine. */
export async function findMutation(
  clickhouse: ClickHouse,
  { database, table, jobId }: MutationPlace,
): Promise<MutationState | null> {
  const [row] = await clickhouse.rows<{
    is_done: number
    is_killed: number
    parts_to_do: string
    latest_fail_reason: string
  }>({
    sql: `SELECT is_done, is_killed, parts_to_do, latest_fail_reason FROM system.mutations WHERE ${WHERE}
          ORDER BY create_time DESC LIMIT 1`,
    params: { database, table, jobId },
  })
  if (row === undefined) return null
  return {
    isDone: row.is_done === 1,
    isKilled: row.is_killed === 1,
    partsToDo: Number(row.parts_to_do),
    failure: row.latest_fail_reason === '' ? null : row.latest_fail_reason,
  }
}

/** Submits the delete of what the table holds now; rows that come later stay. @param condition judged by the gate. @throws faults of the engine: then it may have been submitted. */
export async function submitDelete(
  clickhouse: ClickHouse,
  { database, table, jobId }: MutationPlace,
  how: { readonly condition: string; readonly isLight: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const where = `(${how.condition}\n) AND notEmpty('${jobId}')`
  const name = `\`${database}\`.\`${table}\``
  await clickhouse.command({
    sql: how.isLight
      ? `DELETE FROM ${name} WHERE ${where}`
      : `ALTER TABLE ${name} DELETE WHERE ${where}`,
    settings: { mutations_sync: 0, lightweight_deletes_sync: 0 },
    timeoutMs: 60_000,
    signal: how.signal,
  })
}

/** Stops the mutation; parts that it has done stay done. @throws faults of the engine. */
export async function killMutation(
  clickhouse: ClickHouse,
  { database, table, jobId }: MutationPlace,
): Promise<void> {
  await clickhouse.command({
    sql: `KILL MUTATION WHERE ${WHERE} ASYNC`,
    params: { database, table, jobId },
    timeoutMs: 30_000,
  })
}
