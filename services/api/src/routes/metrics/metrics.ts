// GET /metrics: the whole server's numbers, for Prometheus. They are about all workspaces, so they are for whoever rules the server:
// its admin tokens, the scraper's own token, and programs on this machine, which may read the tokens anyway.
import { timingSafeEqual, createHash } from 'node:crypto'

import { EXPOSITION_TYPE } from '@sandpiper/telemetry'
import { isServerAdmin, lacksScope, tokenFromRequest } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { connectionOf, isLocalCaller } from '../get-local-tokens/is-local-caller.ts'

/** `/metrics`, where the host of the api has any. */
export function metricsRoutes(app: ApiApp, deps: ApiDeps): void {
  const { metrics } = deps
  if (metrics === undefined) return
  app.get('/metrics', async (c) => {
    if (!isScraper(c, metrics.token) && !isLocal(c, deps)) {
      const principal = await authorizeRequest(c, deps)
      if (!isServerAdmin(principal)) throw lacksScope('ADMIN_USER')
    }
    const headers = { 'Content-Type': EXPOSITION_TYPE, 'Cache-Control': 'no-store' }
    return c.body(await metrics.text(), 200, headers)
  })
}

function isScraper(c: Context<ApiEnv>, token: string | null): boolean {
  const sent = tokenFromRequest({
    authorizationHeader: c.req.header('Authorization'),
    queryToken: undefined,
  })
  return token !== null && sent !== null && timingSafeEqual(hash(sent), hash(token))
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function isLocal(c: Context<ApiEnv>, deps: ApiDeps): boolean {
  // Whoever shows a token is judged by it.
  if (c.req.header('Authorization') !== undefined || c.req.query('token') !== undefined)
    return false
  return isLocalCaller({
    boundTo: deps.config.host,
    // app.request() gives no bindings at all.
    ...connectionOf((c.env as typeof c.env | undefined)?.incoming),
    header: (name) => c.req.header(name),
  })
}
