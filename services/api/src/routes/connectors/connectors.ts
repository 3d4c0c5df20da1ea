// /v0/connectors: what the project's .connection files say, how what reads by them is, and a look at topics. Admins only.
import { printDatafile } from '@sandpiper/datafile'
import type { DeployedConnection, DeploymentMap } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'
import { previewTopic, readPreviewRequest } from '../../connections/preview-topic.ts'
import { maskConnection } from '../../deployments/mask-connection.ts'
import { deployerOf } from '../../deployments/recover-deployments.ts'
import { connectorBody, type ConnectorContext } from './connector-body.ts'

/** Previews of one workspace at work at once: each holds connections and records of another system. */
const PREVIEWS_MAX = 2

/** Adds the routes. */
export function connectorRoutes(app: ApiApp, deps: ApiDeps): void {
  const previewing = new Map<string, number>()

  app.get('/v0/connectors', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const ctx = await connectorContext(deps, workspaceId)
    const service = c.req.query('service')
    const shown = Object.values(ctx.map.connections).filter(
      (each) => service === undefined || each.file.type === service,
    )
    return c.json({ connectors: shown.map((each) => connectorBody(ctx, each)) })
  })

  app.get('/v0/connectors/:name', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const ctx = await connectorContext(deps, workspaceId)
    const asked = c.req.param('name')
    const found = findConnection(ctx.map, asked.replace(/\.connection$/, ''))
    const isText = asked.endsWith('.connection') || c.req.query('format') === 'connection'
    return isText
      ? c.text(printDatafile(maskConnection(found.file).file))
      : c.json(connectorBody(ctx, found))
  })

  app.get('/v0/connectors/:name/preview', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const { map } = await deps.catalog.liveMap(workspaceId)
    const connection = findConnection(map, c.req.param('name'))
    const request = readPreviewRequest((name) => c.req.query(name))
    const running = previewing.get(workspaceId) ?? 0
    if (running >= PREVIEWS_MAX)
      throw fault('limit.rate', {
        public: `At most ${String(PREVIEWS_MAX)} previews run at once. Try again in a moment.`,
        headers: { 'Retry-After': '5' },
      })
    previewing.set(workspaceId, running + 1)
    try {
      return c.json(await previewTopic(deps, workspaceId, connection, request))
    } finally {
      const left = (previewing.get(workspaceId) ?? 1) - 1
      if (left > 0) previewing.set(workspaceId, left)
      else previewing.delete(workspaceId)
    }
  })

  app.delete('/v0/connectors/:name', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    await removeConnection(deps, workspaceId, c.req.param('name'))
    return c.body(null, 204)
  })
}

/** By a deployment of its own: whatever still reads by it keeps it. */
async function removeConnection(deps: ApiDeps, workspaceId: string, name: string): Promise<void> {
  const ctx = await connectorContext(deps, workspaceId)
  const { file } = findConnection(ctx.map, name)
  const outcome = await deployerOf(deps).deploy({
    ...{ workspaceId, kind: 'deploy', files: [], onto: { removed: [`${file.name}.connection`] } },
    ...{ check: false, autoPromote: true, allowDestructive: true },
  })
  if (outcome.result === 'success') return
  const why = outcome.feedback.find(({ level }) => level === 'ERROR')
  throw fault('request.conflict', {
    public: `The connection '${file.name}' cannot be removed: ${why?.message ?? 'it is in use'}.`,
  })
}

/** Everything that bodies of connections are made of. */
export async function connectorContext(
  deps: ApiDeps,
  workspaceId: string,
): Promise<ConnectorContext> {
  const [{ map }, states, workspace] = await Promise.all([
    deps.catalog.liveMap(workspaceId),
    deps.catalog.kafkaStates(workspaceId),
    deps.catalog.findWorkspace(workspaceId),
  ])
  const isBranch = workspace !== null && workspace.mainId !== null
  return { map, states, isBranch, readers: deps.topicReaders }
}

/** @throws fault `resource.missing`. */
function findConnection(map: DeploymentMap, name: string): DeployedConnection {
  const found = Object.values(map.connections).find(
    (each) => each.file.name === name || each.id === name,
  )
  if (found === undefined)
    throw fault('resource.missing', { public: `Connection '${name.slice(0, 300)}' not found` })
  return found
}
