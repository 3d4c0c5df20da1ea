// The product behind the port: the app that takes events, and the one for everything else.
import { getRequestListener } from '@hono/node-server'
import { allRoutes, createApiApp, type ApiDeps } from '@sandpiper/api'
import { createIngestApp, EVENTS_PATH, INGEST_LIMITS } from '@sandpiper/ingest'
import type { RequestListener } from 'node:http'

/** One listener for all routes. */
export function serveProduct(deps: ApiDeps): RequestListener {
  const api = createApiApp(deps, allRoutes)
  const ingest = createIngestApp({ ...deps, limits: INGEST_LIMITS })
  const options = { overrideGlobalObjects: false }
  const answerApi = getRequestListener((request, env) => api.fetch(request, env), options)
  const answerIngest = getRequestListener((request, env) => ingest.fetch(request, env), options)
  // They answer failures by themselves and never reject.
  return (req, res) => void (isEvents(req.url ?? '/') ? answerIngest : answerApi)(req, res)
}

function isEvents(url: string): boolean {
  const path = url.split('?', 1)[0]
  return path === EVENTS_PATH || path === `${EVENTS_PATH}/`
}
