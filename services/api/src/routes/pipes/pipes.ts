// /v0/pipes and /v1/pipes: list, detail and datafile text. Running an endpoint is routes/get-pipe.
import { createGate, querySettings } from '@sandpiper/clickhouse'
import { printDatafile } from '@sandpiper/datafile'
import type { DeployedPipe, DeploymentMap } from '@sandpiper/deployment'
import { compilePipe } from '@sandpiper/pipes'
import { mayReadPipe } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { isProjectFault } from '../../deployments/engine-names.ts'
import { scopeOf } from '../../deployments/scratch-check.ts'
import { copyRoutes } from './copy-pipe.ts'
import { findPipeFor } from './find-pipe-for.ts'
import { nodeAnalysis } from './node-analysis.ts'
import { populateNode } from './populate-node.ts'
import { outputNodeName, pipeBody, type NodeColumn } from './pipe-body.ts'

/** Adds the routes. */
export function pipeRoutes(app: ApiApp, deps: ApiDeps): void {
  copyRoutes(app, deps)
  const gate = createGate(deps.clickhouse)
  app.post('/v0/pipes/:name{[^/.]+}/nodes/:node{[^/]+}/population', async (c) =>
    c.json(await populateNode(c, deps, gate)),
  )
  for (const version of ['v0', 'v1']) {
    app.get(`/${version}/pipes/:name{[^/.]+}/nodes/:node{[^/]+}/analysis`, async (c) =>
      c.json(await nodeAnalysis(c, deps, gate)),
    )
    app.get(`/${version}/pipes`, (c) => list(c, deps))
    // Any other suffix is an endpoint to be run.
    app.get(`/${version}/pipes/:name{[^/.]+}`, (c) => detail(c, deps, c.req.param('name')))
    app.get(`/${version}/pipes/:file{[^/]+\\.pipe}`, (c) =>
      text(c, deps, c.req.param('file').slice(0, -'.pipe'.length)),
    )
  }
}

async function list(c: Context<ApiEnv>, deps: ApiDeps): Promise<Response> {
  const principal = await authorizeRequest(c, deps)
  const { map } = await deps.catalog.liveMap(principal.workspaceId)
  const seen = Object.values(map.pipes).filter((each) => mayReadPipe(principal, each.id))
  const states = await deps.catalog.copyStates(principal.workspaceId)
  return c.json({ pipes: seen.map((each) => pipeBody(map, each, [], states.get(each.id))) })
}

async function detail(c: Context<ApiEnv>, deps: ApiDeps, name: string): Promise<Response> {
  if (c.req.query('format') === 'pipe') return text(c, deps, name)
  const { map, pipe, workspaceId } = await requirePipe(c, deps, name)
  const [columns, states] = await Promise.all([
    outputColumns(deps, workspaceId, map, pipe),
    deps.catalog.copyStates(workspaceId),
  ])
  return c.json(pipeBody(map, pipe, columns, states.get(pipe.id)))
}

async function text(c: Context<ApiEnv>, deps: ApiDeps, name: string): Promise<Response> {
  const { pipe } = await requirePipe(c, deps, name)
  return c.text(printDatafile(pipe.file))
}

async function requirePipe(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  name: string,
): Promise<{ map: DeploymentMap; pipe: DeployedPipe; workspaceId: string }> {
  return findPipeFor(deps, await authorizeRequest(c, deps), name)
}

async function outputColumns(
  deps: ApiDeps,
  workspaceId: string,
  map: DeploymentMap,
  pipe: DeployedPipe,
): Promise<NodeColumn[]> {
  const node = outputNodeName(pipe.file)
  if (node === undefined) return []
  try {
    const { sql, params, settings } = compilePipe(scopeOf(workspaceId, map, true), {
      pipe: pipe.file.name,
      node,
    })
    const rows = await deps.clickhouse.rows<NodeColumn>({
      sql: `DESCRIBE TABLE (${sql}\n)`,
      params,
      // The engine evaluates scalar subqueries while it describes.
      settings: querySettings(
        {
          timeoutSeconds: deps.config.queryTimeoutSeconds,
          resultBytesMax: deps.config.resultBytesMax,
        },
        settings,
      ),
    })
    return rows.map(({ name, type }) => ({ name, type }))
  } catch (err) {
    // A template may need real parameters to make sense: its columns are then not known.
    if (isProjectFault(err)) return []
    throw err
  }
}
