// `/tokens`: how a client on this machine logs in without being asked anything.
import type { LocalTokensBody } from '@sandpiper/contracts'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { findDefaultWorkspace } from '../workspaces/ensure-default-workspace.ts'
import { connectionOf, isLocalCaller } from './is-local-caller.ts'

/** `GET /tokens`; for everybody but a program on this machine, and the console that this server serves there, it does not exist. */
export function localTokenRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/tokens', async (c) => {
    const isLocal = isLocalCaller({
      boundTo: deps.config.host,
      // app.request() gives no bindings at all.
      ...connectionOf((c.env as typeof c.env | undefined)?.incoming),
      header: (name) => c.req.header(name),
    })
    const found = isLocal ? await findDefaultWorkspace(deps.catalog) : null
    if (found === null) return c.notFound()
    const body: LocalTokensBody = {
      user_token: found.userToken,
      admin_token: found.adminToken,
      workspace_admin_token: found.workspaceAdminToken,
    }
    return c.json(body, 200, {
      'Cache-Control': 'no-store',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    })
  })
}
