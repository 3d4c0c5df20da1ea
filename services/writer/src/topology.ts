// The engine's own truth about tables and views, kept until someone changed them under a turn or a table turned out unknown.
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { Table, Topology, View } from './lanes.ts'

export interface Topologies {
  /** The tables of a database, from memory when they were read since the last `forget`. */
  get(database: string): Promise<Topology>
  forget(database: string): void
  forgetAll(): void
}

interface TableRow {
  readonly name: string
  readonly engine: string
  readonly dependencies_table: readonly string[]
  readonly target_table: string
  readonly as_select: string
}

export function createTopologies(clickhouse: ClickHouse): Topologies {
  const known = new Map<string, Promise<Topology>>()

  async function read(database: string): Promise<Topology> {
    const rows = await clickhouse.rows<TableRow>({
      sql: `SELECT name, engine, dependencies_table, target_table, as_select
            FROM system.tables WHERE database = {database:String}`,
      params: { database },
    })
    return topologyOf(database, rows)
  }

  return {
    get(database) {
      const before = known.get(database)
      if (before !== undefined) return before
      const reading = read(database)
      known.set(database, reading)
      // A failed read must not be remembered as an empty workspace.
      reading.catch(() => {
        if (known.get(database) === reading) known.delete(database)
      })
      return reading
    },
    forget(database) {
      known.delete(database)
    },
    forgetAll() {
      known.clear()
    },
  }
}

function topologyOf(database: string, rows: readonly TableRow[]): Topology {
  const views = new Map<string, View>()
  for (const row of rows) {
    if (row.engine !== 'MaterializedView' || row.target_table === '') continue
    views.set(row.name, { name: row.name, select: row.as_select, target: row.target_table })
  }
  const tables = new Map<string, Table>()
  for (const { name, engine, dependencies_table } of rows) {
    if (engine === 'MaterializedView' || engine === 'View') continue
    const readers = [...dependencies_table].sort().flatMap((each) => views.get(each) ?? [])
    tables.set(name, { name, engine, views: readers })
  }
  return { database, tables, views: new Set(views.keys()) }
}
