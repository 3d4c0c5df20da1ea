// /v0/connectors: what the project's .connection files say. Nothing connects yet.
import { printDatafile } from '@sandpiper/datafile'
import type { DeployedConnection, DeploymentMap } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'
import { maskConnection } from '../../deployments/mask-connection.ts'

/** Adds the routes. */
export function connectorRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/connectors', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const { map } = await deps.catalog.liveMap(workspaceId)
    const service = c.req.query('service')
    const shown = Object.values(map.connections).filter(
      (each) => service === undefined || each.file.type === service,
    )
    return c.json({ connectors: shown.map((each) => connectorBody(map, each)) })
  })

  app.get('/v0/connectors/:name', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const { map } = await deps.catalog.liveMap(workspaceId)
    const asked = c.req.param('name')
    const name = asked.replace(/\.connection$/, '')
    const found = Object.values(map.connections).find(
      (each) => each.file.name === name || each.id === name,
    )
    if (found === undefined)
      throw fault('resource.missing', { public: `Connection '${name.slice(0, 300)}' not found` })
    const isText = asked.endsWith('.connection') || c.req.query('format') === 'connection'
    return isText
      ? c.text(printDatafile(maskConnection(found.file).file))
      : c.json(connectorBody(map, found))
  })
}

/** Secrets stay out: settings are names and values that are no secret. */
function connectorBody(
  map: DeploymentMap,
  { id, file }: DeployedConnection,
): Record<string, unknown> {
  const settings = Object.entries(maskConnection(file).file.settings).filter(
    ([name]) => !/KEY|SECRET|CREDENTIALS|HMAC|PEM/.test(name),
  )
  const linked = Object.values(map.dataSources).filter(({ file: source }) =>
    [source.settings['KAFKA_CONNECTION_NAME'], source.settings['IMPORT_CONNECTION_NAME']].includes(
      file.name,
    ),
  )
  return {
    id,
    name: file.name,
    service: file.type,
    settings: Object.fromEntries(settings),
    linkers: linked.map((each) => ({ datasource_id: each.id })),
  }
}
