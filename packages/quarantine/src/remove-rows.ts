// Takes rows out of a quarantine. Under the turn of the workspace: nobody loads into the tables or carries rows from one to another then.
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { EventLog } from '@sandpiper/eventlog'
import { quarantineTables } from './quarantine-tables.ts'
import { idList } from './read-page.ts'

/** What it works with. */
export interface RemoveDeps {
  readonly clickhouse: ClickHouse
  readonly log: Pick<EventLog, 'turn'>
}

interface Place {
  readonly workspaceId: string
  readonly dataSourceId: string
}

const TURN_TIMEOUT_MS = 60_000
const DELETE_TIMEOUT_MS = 300_000

/** Removes these rows from every quarantine table of the data source: readers see them no more when it resolves. Idempotent. */
export async function removeRows(
  deps: RemoveDeps,
  place: Place,
  ids: readonly string[],
): Promise<void> {
  await onTables(deps, place, async (table) => {
    await deps.clickhouse.command({
      sql: `DELETE FROM ${table} WHERE c__row_id IN (${idList(ids)})`,
      settings: { lightweight_deletes_sync: 2, max_query_size: 2_000_000 },
      timeoutMs: DELETE_TIMEOUT_MS,
    })
  })
}

/** Frees the space of removed rows, so that the counts of the table's parts are those of its rows. */
export async function clearRemoved(deps: RemoveDeps, place: Place): Promise<void> {
  await onTables(deps, place, async (table) => {
    await deps.clickhouse.command({
      sql: `ALTER TABLE ${table} APPLY DELETED MASK`,
      settings: { mutations_sync: 2 },
      timeoutMs: DELETE_TIMEOUT_MS,
    })
  })
}

async function onTables(
  deps: RemoveDeps,
  { workspaceId, dataSourceId }: Place,
  work: (table: string) => Promise<void>,
): Promise<void> {
  const turn = await deps.log.turn(workspaceId, AbortSignal.timeout(TURN_TIMEOUT_MS))
  try {
    const source = { id: dataSourceId, generation: Number.MAX_SAFE_INTEGER }
    for (const table of await quarantineTables(deps.clickhouse, workspaceId, source))
      await work(table)
  } finally {
    await turn.release()
  }
}
