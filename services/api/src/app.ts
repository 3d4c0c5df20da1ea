// The api: query endpoints, SQL, management and deployments. One error door: every failure becomes `{error}` here.
import { Fault } from '@sandpiper/faults'
import { Hono, type MiddlewareHandler } from 'hono'
import { ulid } from 'ulid'

import type { ApiDeps } from './api-deps.ts'
import type { ApiEnv } from './api-env.ts'
import { pooledRandom } from './pooled-random.ts'
import { quotaHeaders } from './quota-headers.ts'
import { createRateLimits, type RateLimits } from './rate-limits.ts'

export type { ApiEnv } from './api-env.ts'

export type ApiApp = Hono<ApiEnv>

/** What routes are given: one count of requests for all of them. */
export interface RouteDeps extends ApiDeps {
  readonly limits: RateLimits
}

/** Adds one group of routes to the app. Each routes/<verb-noun>/ folder exports one. */
export type RouteGroup = (app: ApiApp, deps: RouteDeps) => void

/** Builds the app from its groups; nothing is listening yet. */
export function createApiApp(deps: ApiDeps, groups: readonly RouteGroup[]): ApiApp {
  // strict: false, because clients call `/v0/tokens/` and `/v0/tokens` alike.
  const app: ApiApp = new Hono<ApiEnv>({ strict: false })
  const random = pooledRandom()
  app.use(async (c, next) => {
    c.set('requestId', ulid(deps.now(), random))
    await next()
    // c.header() would make another response of it, with a stream for a body.
    c.res.headers.set('X-Request-Id', c.get('requestId'))
    // The console has the same origin: no browser may take rows for a page of it.
    c.res.headers.set('X-Content-Type-Options', 'nosniff')
    const quota = c.get('quota')
    if (quota === undefined) return
    for (const [name, value] of quotaHeaders(quota)) c.res.headers.set(name, value)
  })
  app.use(endUnreadBodies)
  const given: RouteDeps = { ...deps, limits: createRateLimits(deps) }
  for (const group of groups) group(app, given)
  app.notFound((c) => c.json({ error: `Not found: ${c.req.method} ${c.req.path}` }, 404))
  app.onError((err, c) => {
    if (err instanceof Fault) {
      deps.logger.debug({ err, requestId: c.get('requestId') }, err.code)
      return Response.json(err.details.body ?? faultBody(err), {
        status: err.status,
        headers: { ...err.details.headers, 'X-Request-Id': c.get('requestId') },
      })
    }
    deps.logger.error({ err, requestId: c.get('requestId') }, 'bug')
    const error = `Internal error. Request ${c.get('requestId')}.`
    return Response.json(
      { error },
      { status: 500, headers: { 'X-Request-Id': c.get('requestId') } },
    )
  })
  return app
}

/** HEAD is answered by GET, and its body read by nobody: what stands behind it would hold its place in the engine until it times out. */
const endUnreadBodies: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next()
  if (c.req.method === 'HEAD') await c.res.body?.cancel()
}

function faultBody(err: Fault): Record<string, unknown> {
  const { documentation, place } = err.details
  return {
    error: err.details.public,
    ...(documentation === undefined ? {} : { documentation }),
    ...(place === undefined ? {} : { ...place, node: place.node ?? undefined }),
  }
}
