// Partitions of tables as the engine names them, and moving whole ones between tables of one shape.
import type { ClickHouse } from '@sandpiper/clickhouse'
import { insertSelect, qualified, type DeployedDataSource } from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import { quoteIdentifier } from '@sandpiper/sql'

type Engine = Pick<ClickHouse, 'command' | 'rows'>

/** A table of a data source. */
export interface TableOf {
  readonly database: string
  readonly table: string
  readonly source: DeployedDataSource
}

/** Milliseconds for one statement over the rows of a table. */
const STATEMENT_MS = 3_600_000
const SETTINGS = { max_partitions_per_insert_block: 0, insert_deduplicate: 0 }

/** Ids of the partitions that hold rows. */
export async function partitionsOf(
  clickhouse: Engine,
  { database, table }: Pick<TableOf, 'database' | 'table'>,
): Promise<Set<string>> {
  const rows = await clickhouse.rows<{ id: string }>({
    sql: `SELECT DISTINCT partition_id AS id FROM system.parts
          WHERE active AND rows > 0 AND database = {database:String} AND table = {table:String}`,
    params: { database, table },
  })
  return new Set(rows.map((each) => each.id))
}

/** Ids of the partitions with rows for which the condition is true. */
export async function partitionsWhere(
  clickhouse: Engine,
  { database, table }: Pick<TableOf, 'database' | 'table'>,
  condition: string,
): Promise<Set<string>> {
  const rows = await clickhouse.rows<{ id: string }>({
    sql: `SELECT DISTINCT _partition_id AS id FROM ${qualified(database, table)} WHERE ${condition}`,
    timeoutMs: STATEMENT_MS,
  })
  return new Set(rows.map((each) => each.id))
}

/** Fills a table by a SELECT. */
export async function fill(
  clickhouse: Engine,
  to: TableOf,
  columns: readonly string[],
  select: string,
): Promise<void> {
  const { database, table } = to
  await clickhouse.command({
    sql: insertSelect({ database, table, columns, select }),
    ...{ timeoutMs: STATEMENT_MS, settings: SETTINGS },
  })
}

/** Brings whole partitions into another table, by links where the engine can. */
export async function bringPartitions(
  clickhouse: Engine,
  from: TableOf,
  to: TableOf,
  ids: Iterable<string>,
): Promise<void> {
  for (const id of ids) {
    const partition = `'${id.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
    try {
      await clickhouse.command({
        sql: `ALTER TABLE ${qualified(to.database, to.table)} ATTACH PARTITION ID ${partition} FROM ${qualified(from.database, from.table)}`,
        timeoutMs: STATEMENT_MS,
      })
    } catch (err) {
      // Without a refusal by the engine it may be attached all the same: rows that are copied too would be there twice.
      if (!(err instanceof Fault) || err.code !== 'query.failed') throw err
      // Tables that were altered have another order of columns, which links cannot bridge. Nothing was attached then.
      const names = to.source.file.columns.map((each) => each.name)
      const list = names.map(quoteIdentifier).join(', ')
      const select = `SELECT ${list} FROM ${qualified(from.database, from.table)} WHERE _partition_id = ${partition}`
      await fill(clickhouse, to, names, select)
    }
  }
}
