// /v0/datasources: list, detail, datafile text, append, truncate. What a data source is made of changes by deployments only.
import { printDatafile } from '@sandpiper/datafile'
import { databaseName, tableName, qualified, type DeployedDataSource } from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import { mayAppend, mayDrop, mayReadDataSource, type Principal } from '@sandpiper/tokens'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { withTurn } from '../../deployments/with-turn.ts'
import { dataSourceBody } from './data-source-body.ts'
import { dataSourceFor } from './find-for-caller.ts'
import { importFile } from './import-file.ts'
import { readStatistics } from './read-statistics.ts'

/** Milliseconds a truncate waits for the writer. */
const TURN_TIMEOUT_MS = 30_000
/** Milliseconds a truncate waits for rows that are only in the log yet. */
const BACKLOG_TIMEOUT_MS = 10_000

/** Adds the routes. */
export function dataSourceRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/datasources', async (c) => {
    const principal = await authorizeRequest(c, deps)
    const { map } = await deps.catalog.liveMap(principal.workspaceId)
    const statistics = await readStatistics(deps.clickhouse, principal.workspaceId)
    const wanted = c.req.query('attrs')?.split(',')
    const seen = Object.values(map.dataSources).filter((each) => maySee(principal, each))
    return c.json({
      datasources: seen.map((each) => only(dataSourceBody(each, statistics(each)), wanted)),
    })
  })

  app.get('/v0/datasources/:name', async (c) => {
    const principal = await authorizeRequest(c, deps)
    const { map } = await deps.catalog.liveMap(principal.workspaceId)
    const name = c.req.param('name')
    const isText = name.endsWith('.datasource') || c.req.query('format') === 'datasource'
    const source = dataSourceFor(map, principal, name.replace(/\.datasource$/, ''), (each) =>
      maySee(principal, each),
    )
    if (isText) return c.text(printDatafile(source.file))
    const statistics = await readStatistics(deps.clickhouse, principal.workspaceId)
    return c.json(
      only(dataSourceBody(source, statistics(source)), c.req.query('attrs')?.split(',')),
    )
  })

  app.post('/v0/datasources', async (c) => {
    const principal = await authorizeRequest(c, deps)
    return c.json(await importFile(c, deps, principal))
  })

  app.post('/v0/datasources/:name/truncate', async (c) => {
    const principal = await authorizeRequest(c, deps)
    const { workspaceId } = principal
    const { map } = await deps.catalog.liveMap(workspaceId)
    const found = dataSourceFor(map, principal, c.req.param('name'), (each) =>
      mayDrop(principal, each.id),
    )
    await rowsInTheLogArrived(deps, found.id)
    await withTurn({ log: deps.log, turnTimeoutMs: TURN_TIMEOUT_MS }, workspaceId, async () => {
      // A deployment may have given it another table while we waited.
      const source =
        (await deps.catalog.liveMap(workspaceId)).map.dataSources[found.file.name] ?? found
      const table = qualified(databaseName(workspaceId), tableName(source.id, source.generation))
      await deps.clickhouse.command({
        sql: `TRUNCATE TABLE IF EXISTS ${table} SYNC`,
        timeoutMs: 300_000,
      })
    })
    return c.body(null, 205)
  })
}

/** Rows acknowledged before a truncate go with the others, unless the writer is far behind: then they show up after it. */
async function rowsInTheLogArrived({ log }: ApiDeps, dataSourceId: string): Promise<void> {
  const signal = AbortSignal.timeout(BACKLOG_TIMEOUT_MS)
  await log.loaded(dataSourceId, log.durable(), signal).catch((err: unknown) => {
    if (!(err instanceof Fault && err.code === 'server.busy')) throw err
  })
}

function maySee(principal: Principal, { id }: DeployedDataSource): boolean {
  return (
    mayReadDataSource(principal, id).allowed || mayAppend(principal, id) || mayDrop(principal, id)
  )
}

function only(
  body: Record<string, unknown>,
  wanted: readonly string[] | undefined,
): Record<string, unknown> {
  if (wanted === undefined) return body
  const names = new Set(wanted.map((each) => each.trim()))
  return Object.fromEntries(Object.entries(body).filter(([name]) => names.has(name)))
}
