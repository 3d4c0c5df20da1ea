// Where the next frames of a data source go: their columns, their table, everything behind it, and the lane to claim.
import type { Catalog } from '@sandpiper/catalog'
import { databaseName, quarantineTableName, tableName } from '@sandpiper/deployment'
import type { Batch } from './batch.ts'
import { laneOf, targetsOf, type Topology } from './lanes.ts'
import type { Source } from './source.ts'
import type { Topologies } from './topology.ts'

export interface Route {
  readonly into: Pick<Batch, 'schema' | 'database' | 'table' | 'quarantineTable' | 'targets'>
  /** What one batch claims: the lane's tables and the data source itself, whose batches stay in order across generations. */
  readonly lane: readonly string[]
  /** False when the tables were read anew since: the route must be found again. */
  isCurrent(): Promise<boolean>
}

export interface RouteDeps {
  readonly catalog: Pick<Catalog, 'schema'>
  readonly topologies: Topologies
}

/** The route of the first frame that waits; null when its schema, table or workspace is gone. */
export async function findRoute(deps: RouteDeps, source: Source): Promise<Route | null> {
  const version = source.queue.refs[0]?.schemaVersion
  if (version === undefined) return null
  const schema = await deps.catalog.schema(source.id, version)
  if (schema === null) return null
  const database = databaseName(source.workspaceId)
  const table = tableName(source.id, schema.generation)
  const topology = await topologyWith(deps, database, table)
  if (topology === null) return null
  const quarantine = quarantineTableName(source.id, schema.generation)
  return {
    into: {
      schema,
      database,
      table,
      quarantineTable: topology.tables.has(quarantine) ? quarantine : null,
      targets: targetsOf(topology, table),
    },
    lane: [...laneOf(topology, table).map((each) => `${database}.${each}`), source.id],
    isCurrent: async () => (await deps.topologies.get(database)) === topology,
  }
}

/** The tables of the database; read anew when this one is unknown, since it may have been made a moment ago. */
async function topologyWith(
  deps: RouteDeps,
  database: string,
  table: string,
): Promise<Topology | null> {
  const known = await deps.topologies.get(database)
  if (known.tables.has(table)) return known
  deps.topologies.forget(database)
  const fresh = await deps.topologies.get(database)
  return fresh.tables.has(table) ? fresh : null
}
