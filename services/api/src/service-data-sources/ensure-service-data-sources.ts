// The tables behind `tinybird.*`, brought to this version of the program: made when they are missing, given the columns that are
// new, kept for as long as the configuration says. Nothing is done when all is as it should be, which two small questions tell.
import { assert } from '@sandpiper/assert'
import type { Catalog, SchemaVersion } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import {
  columnDefinition,
  createDatabase,
  createTable,
  createView,
  databaseName,
  findServiceDataSource,
  qualified,
  SERVICE_DATA_SOURCES,
  serviceTableFile,
  SYSTEM_WORKSPACE_ID,
  tableName,
  viewName,
  type ServiceDataSource,
} from '@sandpiper/deployment'

interface EnsureDeps {
  readonly clickhouse: Pick<ClickHouse, 'rows' | 'command'>
  readonly catalog: Pick<Catalog, 'schema' | 'putSchemas'>
}

interface EnsureOptions {
  /** Days that rows stay, in place of what each data source says. */
  readonly keptDays?: number
}

interface Found {
  readonly name: string
  readonly engine_full: string
  /** Name and type of each column. */
  readonly columns: readonly (readonly [string, string])[]
}

const DATABASE = databaseName(SYSTEM_WORKSPACE_ID)

/**
 * Brings the tables of all service data sources up to date. Idempotent. Call at start, before the writer runs: it takes no turn.
 * @throws fault `engine.unavailable` | `catalog.unavailable`.
 */
export async function ensureServiceDataSources(
  deps: EnsureDeps,
  options: EnsureOptions = {},
): Promise<void> {
  const [found] = await Promise.all([
    deps.clickhouse.rows<Found>({ sql: FIND_TABLES, params: { database: DATABASE } }),
    ensureSchemas(deps.catalog),
  ])
  const tables = new Map(found.map((each) => [each.name, each]))
  if (tables.size === 0) await deps.clickhouse.command({ sql: createDatabase(DATABASE) })
  for (const source of SERVICE_DATA_SOURCES) {
    const table = tables.get(tableName(source.id, source.generation))
    for (const sql of statements(source, table, options.keptDays ?? source.keptDays)) {
      await deps.clickhouse.command({ sql })
    }
    const view = viewOf(source)
    if (view !== null && !tables.has(view.name)) await deps.clickhouse.command({ sql: view.sql })
  }
}

function viewOf(source: ServiceDataSource): { name: string; sql: string } | null {
  const { filled } = source
  if (filled === undefined) return null
  const from = findServiceDataSource(filled.from)
  assert(from !== undefined, `no service data source ${filled.from}`)
  const view = viewName(filled.viewId, source.generation)
  const sql = createView({
    ...{ database: DATABASE, view, target: tableName(source.id, source.generation) },
    columns: serviceTableFile(source, source.keptDays).columns,
    select: filled.select(qualified(DATABASE, tableName(from.id, from.generation))),
  })
  return { name: view, sql }
}

const FIND_TABLES = `
  SELECT t.name AS name, any(t.engine_full) AS engine_full, groupArray((c.name, c.type)) AS columns
  FROM system.tables AS t JOIN system.columns AS c ON c.table = t.name AND c.database = t.database
  WHERE t.database = {database:String} AND c.database = {database:String} GROUP BY t.name`

function statements(
  source: ServiceDataSource,
  found: Found | undefined,
  keptDays: number,
): string[] {
  const file = serviceTableFile(source, keptDays)
  const table = tableName(source.id, source.generation)
  if (found === undefined) return [createTable(DATABASE, table, file)]
  const types = new Map(found.columns)
  const alter = `ALTER TABLE ${qualified(DATABASE, table)}`
  const ttl = file.engine?.ttl ?? ''
  return [
    ...file.columns
      .filter((column) => !hasColumn(types, column.name, column.type, source.name))
      .map((column) => `${alter} ADD COLUMN IF NOT EXISTS ${columnDefinition(column)}`),
    // Parts that are there keep their own until they are merged, or go as a whole: nothing is rewritten now.
    ...(found.engine_full.includes(` TTL ${ttl} `)
      ? []
      : [`${alter} MODIFY TTL ${ttl} SETTINGS materialize_ttl_after_modify = 0`]),
  ]
}

function hasColumn(
  types: ReadonlyMap<string, string>,
  name: string,
  type: string,
  of: string,
): boolean {
  const is = types.get(name)
  assert(is === undefined || is === type, `${of}.${name} is ${is ?? ''}: give it a new generation`)
  return is !== undefined
}

async function ensureSchemas(catalog: EnsureDeps['catalog']): Promise<void> {
  const wanted = SERVICE_DATA_SOURCES.map((source): SchemaVersion => ({
    dataSourceId: source.id,
    version: source.schemaVersion,
    workspaceId: SYSTEM_WORKSPACE_ID,
    generation: source.generation,
    columns: serviceTableFile(source, source.keptDays).columns,
  }))
  const known = await Promise.all(
    wanted.map(({ dataSourceId, version }) => catalog.schema(dataSourceId, version)),
  )
  const missing = wanted.filter((_, index) => known[index] === null)
  if (missing.length > 0) await catalog.putSchemas(missing)
}
