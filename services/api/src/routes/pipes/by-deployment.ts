// What Classic changes over the API, Forward changes by deployments: whoever may see the pipe is told so. Source: Tinybird Forward, read 2026-11.
import { fault } from '@sandpiper/faults'
import { isAdmin, lacksScope } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'

const PIPE = '/v0/pipes/:name{[^/.]+}'
const NODE = `${PIPE}/nodes/:node{[^/]+}`

/** Method and path of each call that changes what is deployed. */
const CHANGES: readonly (readonly [method: string, path: string])[] = [
  ['POST', '/v0/pipes'],
  ['PUT', PIPE],
  ['DELETE', PIPE],
  ['POST', `${PIPE}/nodes`],
  ['PUT', NODE],
  ['DELETE', NODE],
  ...['endpoint', 'copy', 'sink', 'stream', 'materialization'].flatMap((each) =>
    ['POST', 'PUT', 'DELETE'].map((method) => [method, `${NODE}/${each}`] as const),
  ),
  ['PUT', `${PIPE}/endpoint`],
]

/** Adds the routes: each refuses. */
export function byDeploymentRoutes(app: ApiApp, deps: ApiDeps): void {
  for (const [method, path] of CHANGES) app.on(method, path, (c) => refuse(c, deps))
}

async function refuse(c: Context<ApiEnv>, deps: ApiDeps): Promise<Response> {
  const principal = await authorizeRequest(c, deps)
  const mayCreate =
    principal.kind === 'static' && principal.scopes.some(({ type }) => type === 'PIPES:CREATE')
  if (!isAdmin(principal) && !mayCreate) throw lacksScope('PIPES:CREATE')
  throw fault('request.invalid', {
    public:
      'Pipes, nodes, endpoints, copies and materializations are changed by deployments only: change the datafile and deploy (POST /v1/deploy).',
  })
}
