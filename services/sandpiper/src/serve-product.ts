// The product behind the port: the listener that takes events, and the app for everything else.
import { allRoutes, createApiApp, type ApiDeps } from '@sandpiper/api'
import { createIngestListener, isEventsUrl, type IngestDeps } from '@sandpiper/ingest'
import type { RequestListener } from 'node:http'

import { answerRequests } from './answer-requests.ts'

/** One listener for all routes. */
export function serveProduct(deps: ApiDeps, ingest: IngestDeps): RequestListener {
  const answerApi = answerRequests(createApiApp(deps, allRoutes))
  const answerEvents = createIngestListener(ingest)
  return (req, res) => {
    if (isEventsUrl(req.url ?? '/')) answerEvents(req, res)
    else answerApi(req, res)
  }
}
