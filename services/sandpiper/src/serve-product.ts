// The product behind the port: builds what the apps need and joins them. Ingest takes the events, the api everything else.
import { getRequestListener } from '@hono/node-server'
import { allRoutes, createApiApp, type ApiDeps } from '@sandpiper/api'
import type { RequestListener } from 'node:http'

/** One listener for all routes. */
export function serveProduct(deps: ApiDeps): RequestListener {
  const api = createApiApp(deps, allRoutes)
  const answer = getRequestListener((request, env) => api.fetch(request, env), {
    overrideGlobalObjects: false,
  })
  // It answers failures by itself and never rejects.
  return (req, res) => void answer(req, res)
}
