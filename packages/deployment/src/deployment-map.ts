// A deployment is an immutable map from names to definitions, ids and generations. Each request and each batch reads one
// map and keeps it; promoting swaps which map is live in one catalog row. See docs/adr/0002.
import type { ConnectionFile, DataSourceFile, PipeFile } from '@sandpiper/datafile'

/** A data source of a map. */
export interface DeployedDataSource {
  /** `t_<32 hex>`, for the life of the data source, across renames of tables. */
  readonly id: string
  /** Counts up each time a new table replaces the old one. Starts at 1. */
  readonly generation: number
  /** Counts up each time the columns change; frames in the log carry it. Starts at 1. */
  readonly schemaVersion: number
  readonly file: DataSourceFile
  /** ISO-8601, UTC. */
  readonly createdAt: string
  readonly updatedAt: string
}

/** A pipe of a map. */
export interface DeployedPipe {
  readonly id: string
  /** One `t_<32 hex>` per node, in the order of `file.nodes`. */
  readonly nodeIds: readonly string[]
  /** For a materialized pipe: which view feeds the target. null for every other pipe. */
  readonly view: { readonly generation: number } | null
  readonly file: PipeFile
  readonly createdAt: string
  readonly updatedAt: string
}

/** A connection of a map. */
export interface DeployedConnection {
  readonly id: string
  readonly file: ConnectionFile
  readonly createdAt: string
  readonly updatedAt: string
}

/** A column that a table has and a map has not. */
export interface HiddenColumn {
  readonly name: string
  /** It is several columns of the table: `name.a` and `name.b`. */
  readonly isNested: boolean
}

/** Name to resource. Always plain objects made by `emptyMap()` or JSON.parse; look up with `findDataSource` etc., never by index with a caller's text. */
export interface DeploymentMap {
  readonly dataSources: Readonly<Record<string, DeployedDataSource>>
  readonly pipes: Readonly<Record<string, DeployedPipe>>
  readonly connections: Readonly<Record<string, DeployedConnection>>
  /** By data source: columns that its table has for a staged deployment only. Never stored; see hideStaged. */
  readonly hidden?: Readonly<Record<string, readonly HiddenColumn[]>>
}

/** A map with nothing in it: deployment "0" of every workspace. */
export function emptyMap(): DeploymentMap {
  return { dataSources: {}, pipes: {}, connections: {} }
}

/** Finds a data source by name or by id; undefined when there is none. Safe for any caller's text (`__proto__` is no data source). */
export function findDataSource(
  map: DeploymentMap,
  nameOrId: string,
): DeployedDataSource | undefined {
  if (Object.hasOwn(map.dataSources, nameOrId)) return map.dataSources[nameOrId]
  return Object.values(map.dataSources).find((each) => each.id === nameOrId)
}

/** Finds a pipe by name or by id; undefined when there is none. */
export function findPipe(map: DeploymentMap, nameOrId: string): DeployedPipe | undefined {
  if (Object.hasOwn(map.pipes, nameOrId)) return map.pipes[nameOrId]
  return Object.values(map.pipes).find((each) => each.id === nameOrId)
}
