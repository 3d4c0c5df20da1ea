// Removes all rows of a data source, of its quarantine, or of both. Events go on being acknowledged; what was acknowledged before goes,
// what comes later stays.
import {
  databaseName,
  findDataSource,
  qualified,
  tableName,
  type DeployedDataSource,
  type DeploymentMap,
} from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import { quarantineTables } from '@sandpiper/quarantine'
import { mayDrop, type Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { withTurn } from '../../deployments/with-turn.ts'
import { isOn, readParams } from '../../read-params.ts'
import { dataSourceFor } from './find-for-caller.ts'

/** Milliseconds a truncate waits for the writer. */
const TURN_TIMEOUT_MS = 30_000
/** Milliseconds a truncate waits for rows that are only in the log yet. */
const BACKLOG_TIMEOUT_MS = 10_000
const TRUNCATE_TIMEOUT_MS = 300_000
const SUFFIX = '_quarantine'

type What = 'rows' | 'quarantine'

/**
 * `POST /v0/datasources/{name}/truncate`. `{name}_quarantine` empties the quarantine only, `quarantine=true` the quarantine too.
 * Materialized views keep what they have. @throws faults of the caller's rights, the log and the engine.
 */
export async function truncate(c: Context<ApiEnv>, deps: ApiDeps): Promise<void> {
  const principal = await authorizeRequest(c, deps)
  const { workspaceId } = principal
  const { map } = await deps.catalog.liveMap(workspaceId)
  const { source: found, what } = target(map, principal, c.req.param('name') ?? '')
  const { values } = await readParams(c)
  const all: What[] = isOn(values.get('quarantine')) ? ['rows', 'quarantine'] : [what]
  const startedAt = deps.now()
  let error: string | null = null
  try {
    await rowsInTheLogArrived(deps, workspaceId, found.id)
    await withTurn({ log: deps.log, turnTimeoutMs: TURN_TIMEOUT_MS }, workspaceId, async () => {
      // A deployment may have given it another table while we waited.
      const live = await deps.catalog.liveMap(workspaceId)
      const source = live.map.dataSources[found.file.name] ?? found
      for (const each of all) await emptyTable(deps, workspaceId, source, each)
    })
  } catch (err) {
    error = err instanceof Fault ? err.details.public : 'Internal error'
    throw err
  } finally {
    deps.ops.dataSourceOp({
      ...{ workspaceId, error, eventType: 'truncate', rows: 0, rowsQuarantine: 0 },
      dataSourceId: found.id,
      dataSourceName: what === 'rows' ? found.file.name : `${found.file.name}${SUFFIX}`,
      elapsedSeconds: (deps.now() - startedAt) / 1_000,
      requestId: c.get('requestId'),
    })
  }
}

function target(
  map: DeploymentMap,
  principal: Principal,
  name: string,
): { source: DeployedDataSource; what: What } {
  const may = (source: DeployedDataSource): boolean => mayDrop(principal, source.id)
  const isOfQuarantine = name.endsWith(SUFFIX) && findDataSource(map, name) === undefined
  const source = dataSourceFor(
    map,
    principal,
    isOfQuarantine ? name.slice(0, -SUFFIX.length) : name,
    may,
  )
  return { source, what: isOfQuarantine ? 'quarantine' : 'rows' }
}

/** Rows acknowledged before a truncate go with the others, unless the writer is far behind: then they show up after it. */
async function rowsInTheLogArrived(
  { log }: ApiDeps,
  workspaceId: string,
  dataSourceId: string,
): Promise<void> {
  const signal = AbortSignal.timeout(BACKLOG_TIMEOUT_MS)
  const upTo = await log.durableOf(workspaceId)
  await log.loaded(dataSourceId, upTo, signal).catch((err: unknown) => {
    if (!(err instanceof Fault && err.code === 'server.busy')) throw err
  })
}

async function emptyTable(
  { clickhouse }: ApiDeps,
  workspaceId: string,
  source: DeployedDataSource,
  what: What,
): Promise<void> {
  const table = tableName(source.id, source.generation)
  // Of replaced generations too: what they hold is carried over when they are removed.
  const tables =
    what === 'rows'
      ? [qualified(databaseName(workspaceId), table)]
      : await quarantineTables(clickhouse, workspaceId, source)
  for (const each of tables)
    await clickhouse.command({
      sql: `TRUNCATE TABLE IF EXISTS ${each} SYNC`,
      timeoutMs: TRUNCATE_TIMEOUT_MS,
    })
}
