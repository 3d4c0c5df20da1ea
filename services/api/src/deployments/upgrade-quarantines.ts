// Quarantine tables of the first release have no hidden columns, and the writer fills them: they are added before it runs.
import type { ClickHouse } from '@sandpiper/clickhouse'
import { HIDDEN_QUARANTINE_COLUMNS, qualified } from '@sandpiper/deployment'

const TIMEOUT_MS = 600_000

/** Adds the hidden columns to quarantine tables that lack them, values stored. Call before the writer runs. Idempotent. */
export async function upgradeQuarantines(clickhouse: ClickHouse): Promise<void> {
  const tables = await clickhouse.rows<{ database: string; table: string }>({
    sql: `SELECT database, table FROM system.columns
          WHERE startsWith(database, 'ws_') AND endsWith(table, '_quarantine')
          GROUP BY database, table HAVING countIf(name = 'c__raw_form') = 0`,
  })
  for (const { database, table } of tables) {
    const { rawForm, rowId } = HIDDEN_QUARANTINE_COLUMNS
    // Materialized, else each read would make up another id for a row of an old part. The column looked for above comes last.
    for (const change of [
      `ADD COLUMN IF NOT EXISTS ${rowId}`,
      'MATERIALIZE COLUMN c__row_id',
      `ADD COLUMN IF NOT EXISTS ${rawForm}`,
    ])
      await clickhouse.command({
        sql: `ALTER TABLE ${qualified(database, table)} ${change}`,
        settings: { mutations_sync: 2 },
        timeoutMs: TIMEOUT_MS,
      })
  }
}
