// `tinybird.datasources_storage`: how much each data source holds. A workspace whose tables changed gets one snapshot of all of its
// data sources, with one time, so that `timestamp = max(timestamp)` is the whole picture. While nothing happens nothing is looked at,
// and nothing is written.
import type { Catalog, MapOfDeployment } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import {
  databaseName,
  quarantineTableName,
  SYSTEM_WORKSPACE_ID,
  tableName,
  type DeploymentMap,
} from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import { seconds, type Logger, type OpsRow } from '@sandpiper/telemetry'

interface SnapshotDeps {
  readonly clickhouse: Pick<ClickHouse, 'rows'>
  readonly catalog: Pick<Catalog, 'liveMap'>
  /** A number that is another one after something happened to any data source. */
  readonly activity: () => number
  readonly take: (row: OpsRow) => void
  readonly logger: Logger
  /** Unix milliseconds. */
  readonly now: () => number
}

/** Looks at the size of data sources. */
export interface StorageSnapshots {
  /** Looks now, when something happened since the last time; resolves when the rows are handed on. */
  look(): Promise<void>
  close(): void
}

interface Size {
  readonly rows: number
  readonly bytes: number
}

/** What a workspace held when it was looked at last. */
interface Seen {
  readonly digest: string
  readonly atMs: number
}

/** A workspace of many data sources is looked at less often: it may write this many rows a minute. */
const ROWS_PER_MINUTE_MAX = 100
/** Databases of checks, which are nobody's. */
const SCRATCH_PREFIX = 'ws_ffffffff'
const TIMEOUT_MS = 10_000

/** Starts looking. @param everyMs milliseconds between two looks. */
export function createStorageSnapshots(deps: SnapshotDeps, everyMs: number): StorageSnapshots {
  const seen = new Map<string, Seen>()
  let looked = -1
  let looking: Promise<void> | null = null

  async function lookOnce(): Promise<void> {
    const activity = deps.activity()
    if (activity === looked) return
    const databases = await readSizes(deps.clickhouse)
    for (const name of seen.keys()) if (!databases.has(name)) seen.delete(name)
    let isChanged = false
    for (const [database, tables] of databases) {
      const workspaceId = workspaceOf(database)
      const live = await liveMap(deps, workspaceId)
      // Tables are there before the deployment that names them.
      const digest = `${live?.number ?? 0}\n${digestOf(tables)}`
      const last = seen.get(database)
      if (last?.digest === digest) continue
      isChanged = true
      const pauseMs = (tables.size / 2 / ROWS_PER_MINUTE_MAX) * 60_000
      if (last !== undefined && deps.now() - last.atMs < pauseMs) continue
      if (live !== null) snapshot(deps, workspaceId, live.map, tables)
      seen.set(database, { digest, atMs: deps.now() })
    }
    // What is on its way to a table now shows at the next look, which there is until two of them see the same.
    looked = isChanged ? -1 : activity
  }

  function look(): Promise<void> {
    looking ??= lookOnce()
      .catch((err: unknown) => {
        deps.logger.warn({ err }, 'the size of data sources could not be looked at')
      })
      .finally(() => {
        looking = null
      })
    return looking
  }

  const timer = setInterval(() => void look(), everyMs)
  timer.unref()
  return {
    look,
    close() {
      clearInterval(timer)
    },
  }
}

async function readSizes(
  clickhouse: SnapshotDeps['clickhouse'],
): Promise<Map<string, Map<string, Size>>> {
  const rows = await clickhouse.rows<{ d: string; t: string; r: string; b: string }>({
    sql: `SELECT database AS d, name AS t, ifNull(total_rows, 0) AS r, ifNull(total_bytes, 0) AS b FROM system.tables
      WHERE startsWith(database, 'ws_') AND NOT startsWith(database, '${SCRATCH_PREFIX}')
        AND database != '${databaseName(SYSTEM_WORKSPACE_ID)}' AND NOT endsWith(engine, 'View') ORDER BY d, t`,
    timeoutMs: TIMEOUT_MS,
  })
  const databases = new Map<string, Map<string, Size>>()
  for (const { d, t, r, b } of rows) {
    const tables = databases.get(d) ?? new Map<string, Size>()
    databases.set(d, tables.set(t, { rows: Number(r), bytes: Number(b) }))
  }
  return databases
}

function digestOf(tables: ReadonlyMap<string, Size>): string {
  return [...tables].map(([name, { rows, bytes }]) => `${name} ${rows} ${bytes}`).join('\n')
}

function snapshot(
  deps: SnapshotDeps,
  workspaceId: string,
  map: DeploymentMap,
  tables: ReadonlyMap<string, Size>,
): void {
  const timestamp = seconds(deps.now())
  for (const [name, { id, generation }] of Object.entries(map.dataSources)) {
    const own = tables.get(tableName(id, generation))
    const refused = tables.get(quarantineTableName(id, generation))
    const row = {
      workspace_id: workspaceId,
      timestamp,
      datasource_id: id,
      datasource_name: name,
      bytes: own?.bytes ?? 0,
      rows: own?.rows ?? 0,
      bytes_quarantine: refused?.bytes ?? 0,
      rows_quarantine: refused?.rows ?? 0,
    }
    deps.take({ table: 'datasources_storage', json: JSON.stringify(row) })
  }
}

/** Null for a database whose workspace is gone. */
async function liveMap(deps: SnapshotDeps, workspaceId: string): Promise<MapOfDeployment | null> {
  try {
    return await deps.catalog.liveMap(workspaceId)
  } catch (err) {
    if (err instanceof Fault && err.code === 'resource.missing') return null
    throw err
  }
}

/** `ws_<32 hex>` as a UUID. */
function workspaceOf(database: string): string {
  const hex = database.slice('ws_'.length)
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
