// GET and PUT /v0/datasources/{name}/scheduling/state: whether a data source reads its topic. What is set stays over restarts and
// deployments; a resumed one goes on from where it was.
import type { KafkaState } from '@sandpiper/catalog'
import { kafkaSettings } from '@sandpiper/datafile'
import type { DeployedDataSource } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'
import { readParams } from '../../read-params.ts'
import { linkerBody, stateOf, type ConnectorContext } from '../connectors/connector-body.ts'
import { connectorContext } from '../connectors/connectors.ts'
import { dataSourceFor } from './find-for-caller.ts'

/** Adds the routes. Source: Tinybird's API reference (scheduling state), read 2026-11. */
export function schedulingStateRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/datasources/:name/scheduling/state', async (c) => {
    const { ctx, source } = await asked(c, deps)
    return c.json({ ...linkerBody(ctx, source), state: stateOf(ctx, source.id) })
  })

  app.put('/v0/datasources/:name/scheduling/state', async (c) => {
    const { ctx, source, workspaceId } = await asked(c, deps)
    const state = stateIn((await readParams(c)).values.get('state'))
    await deps.catalog.setKafkaState({ workspaceId, dataSourceId: source.id, state })
    const { isBranch } = ctx
    const states = new Map([[source.id, state]])
    return c.json({ ...linkerBody({ ...ctx, states, isBranch }, source), state })
  })
}

async function asked(
  c: Context<ApiEnv>,
  deps: ApiDeps,
): Promise<{ ctx: ConnectorContext; source: DeployedDataSource; workspaceId: string }> {
  const principal = await authorizeAdmin(c, deps)
  const { workspaceId } = principal
  const ctx = await connectorContext(deps, workspaceId)
  const source = dataSourceFor(ctx.map, principal, c.req.param('name') ?? '', () => true)
  if (kafkaSettings(source.file) === null)
    throw fault('request.invalid', {
      public: `Data Source '${source.file.name}' is not filled from a topic: there is nothing to start or to stop.`,
    })
  return { ctx, source, workspaceId }
}

function stateIn(text: string | null): KafkaState {
  if (text === 'paused' || text === 'running') return text
  throw fault('request.invalid', { public: "state is 'running' or 'paused'." })
}
