// Where the quarantined rows of a data source are: in the table of its live generation, and, until the tables of a replaced deployment
// are removed, in older ones. A row that is being carried over may stand in two; its id tells.
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { QuarantineSelection } from '@sandpiper/contracts'
import { databaseName, qualified, type DeployedDataSource } from '@sandpiper/deployment'
import { causeIdSql, causeSql, ERRORS_SQL } from './cause.ts'

/** Names of the quarantine tables that exist, live generation and older ones, qualified and quoted. */
export async function quarantineTables(
  clickhouse: ClickHouse,
  workspaceId: string,
  source: Pick<DeployedDataSource, 'id' | 'generation'>,
): Promise<string[]> {
  const database = databaseName(workspaceId)
  const rows = await clickhouse.rows<{ name: string }>({
    sql: `SELECT name FROM system.tables
          WHERE database = {database:String} AND startsWith(name, {prefix:String}) AND endsWith(name, '_quarantine')
          ORDER BY length(name), name`,
    params: { database, prefix: `${source.id}_` },
  })
  return rows
    .filter(({ name }) => generationOf(name) <= source.generation)
    .map(({ name }) => qualified(database, name))
}

/** The generation in the name of a quarantine table. */
export function generationOf(name: string): number {
  return Number(/_(\d+)_quarantine$/.exec(name)?.[1])
}

/** A FROM clause over the quarantine tables, with what this package reads of them. */
export function rowsOf(tables: readonly string[]): string {
  const columns = 'insertion_date, c__error_column, c__error, c__raw, c__raw_form, c__row_id'
  return `(${tables.map((table) => `SELECT ${columns} FROM ${table}`).join(' UNION ALL ')})`
}

/** A condition and its parameters. */
export interface Condition {
  readonly sql: string
  readonly params: Readonly<Record<string, string>>
}

/** Which rows are selected, as a condition over rowsOf(). */
export function conditionOf(selection: QuarantineSelection): Condition {
  const time = (name: string): string => `parseDateTimeBestEffort({${name}:String}, 'UTC')`
  const id = causeIdSql('e.1', causeSql('e.2'))
  const parts = [
    ...(selection.from === undefined ? [] : [`insertion_date >= ${time('from')}`]),
    ...(selection.to === undefined ? [] : [`insertion_date < ${time('to')}`]),
    ...(selection.causes === undefined
      ? []
      : [`arrayExists(e -> has({causes:Array(String)}, ${id}), ${ERRORS_SQL})`]),
  ]
  return {
    sql: parts.length === 0 ? '1' : parts.join(' AND '),
    params: {
      ...(selection.from === undefined ? {} : { from: selection.from }),
      ...(selection.to === undefined ? {} : { to: selection.to }),
      // Sixteen hexadecimal digits each: nothing to escape.
      ...(selection.causes === undefined ? {} : { causes: `['${selection.causes.join("','")}']` }),
    },
  }
}
