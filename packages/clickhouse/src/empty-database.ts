import type { ClickHouse } from './client-contract.ts'

/**
 * Default database of every statement, DDL included: it exists and holds nothing, so that a name without a database, left over
 * by whatever mistake, resolves to no table. The engine's own default database would even resolve `/etc/passwd`.
 */
export const EMPTY_DATABASE = 'nothing'

/** Creates the empty database when it is missing. Idempotent; call once at start. @throws faults of the client. */
export async function ensureEmptyDatabase(clickhouse: ClickHouse): Promise<void> {
  await clickhouse.command({
    sql: `CREATE DATABASE IF NOT EXISTS ${EMPTY_DATABASE} ENGINE = Atomic`,
    // The one statement that runs before the empty database is there.
    database: 'system',
  })
}
