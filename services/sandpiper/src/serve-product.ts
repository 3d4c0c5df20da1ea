// The product behind the port: the listener that takes events, and the app for everything else.
import { getRequestListener } from '@hono/node-server'
import { allRoutes, createApiApp, type ApiDeps } from '@sandpiper/api'
import { createIngestListener, isEventsUrl, type IngestDeps } from '@sandpiper/ingest'
import type { RequestListener } from 'node:http'

/** One listener for all routes. */
export function serveProduct(deps: ApiDeps, ingest: IngestDeps): RequestListener {
  const api = createApiApp(deps, allRoutes)
  const options = { overrideGlobalObjects: false }
  const answerApi = getRequestListener((request, env) => api.fetch(request, env), options)
  const answerEvents = createIngestListener(ingest)
  return (req, res) => {
    if (isEventsUrl(req.url ?? '/')) answerEvents(req, res)
    // It answers failures by itself and never rejects.
    else void answerApi(req, res)
  }
}
