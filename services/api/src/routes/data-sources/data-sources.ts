// /v0/datasources: list, detail, datafile text, import, delete, truncate. What a data source is made of changes by deployments only.
import { createGate } from '@sandpiper/clickhouse'
import { printDatafile } from '@sandpiper/datafile'
import type { DeployedDataSource } from '@sandpiper/deployment'
import { mayAppend, mayDrop, mayReadDataSource, type Principal } from '@sandpiper/tokens'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { dataSourceBody } from './data-source-body.ts'
import { deleteRows } from './delete-rows.ts'
import { dataSourceFor } from './find-for-caller.ts'
import { importFile } from './import-file.ts'
import { readStatistics } from './read-statistics.ts'
import { schedulingStateRoutes } from './scheduling-state.ts'
import { truncate } from './truncate.ts'

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
    await truncate(c, deps)
    return c.body(null, 205)
  })

  schedulingStateRoutes(app, deps)

  const gate = createGate(deps.clickhouse)
  app.post('/v0/datasources/:name/delete', async (c) =>
    c.json(await deleteRows(c, deps, gate, 'heavy')),
  )
  app.post('/v1/datasources/:name/delete', async (c) =>
    c.json(await deleteRows(c, deps, gate, 'light')),
  )
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
