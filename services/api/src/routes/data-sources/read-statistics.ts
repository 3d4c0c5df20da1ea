import type { ClickHouse } from '@sandpiper/clickhouse'
import {
  databaseName,
  quarantineTableName,
  tableName,
  type DeployedDataSource,
} from '@sandpiper/deployment'

import type { Statistics } from './data-source-body.ts'

/** Counts of every data source of a workspace by one query. @throws faults of the engine. */
export async function readStatistics(
  clickhouse: ClickHouse,
  workspaceId: string,
): Promise<(source: DeployedDataSource) => Statistics> {
  const rows = await clickhouse.rows<{ name: string; rows: string; bytes: string }>({
    sql: `SELECT name, ifNull(total_rows, 0) AS rows, ifNull(total_bytes, 0) AS bytes
          FROM system.tables WHERE database = {database:String}`,
    params: { database: databaseName(workspaceId) },
  })
  const byName = new Map(rows.map((each) => [each.name, each]))
  return ({ id, generation }) => {
    const table = byName.get(tableName(id, generation))
    const quarantine = byName.get(quarantineTableName(id, generation))
    return {
      rows: Number(table?.rows ?? 0),
      bytes: Number(table?.bytes ?? 0),
      quarantined: Number(quarantine?.rows ?? 0),
    }
  }
}
