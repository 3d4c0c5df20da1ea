// The Events API as an app of its own. One error door: every failure becomes `{error}` here, readable from any origin.
import { Fault, fault } from '@sandpiper/faults'
import { Hono } from 'hono'
import type { IngestDeps, IngestEnv } from './ingest-deps.ts'
import { createRequestIds } from './request-ids.ts'
import { postEvents } from './routes/post-events/handler.ts'

/** The path the app answers; everything else on the port belongs to the api. A trailing slash is tolerated. */
export const EVENTS_PATH = '/v0/events'

const METHODS = 'POST, OPTIONS'
const EXPOSED = 'X-Request-Id, Retry-After'

/** Builds the app; nothing is listening yet. */
export function createIngestApp(deps: IngestDeps): Hono<IngestEnv> {
  const app = new Hono<IngestEnv>({ strict: false })
  const nextRequestId = createRequestIds(deps.now)
  app.use(async (c, next) => {
    c.set('requestId', nextRequestId())
    await next()
    c.header('X-Request-Id', c.get('requestId'))
    c.header('Access-Control-Allow-Origin', '*')
    c.header('Access-Control-Expose-Headers', EXPOSED)
  })
  app.options(EVENTS_PATH, (c) =>
    c.body(null, 204, preflight(c.req.header('Access-Control-Request-Headers'))),
  )
  app.post(EVENTS_PATH, postEvents(deps))
  app.all(EVENTS_PATH, (c) => {
    throw fault('request.method', {
      public: `${c.req.method} is not allowed here: use POST.`,
      headers: { Allow: METHODS },
    })
  })
  app.notFound((c) => c.json({ error: `Not found: ${c.req.method} ${c.req.path}` }, 404))
  app.onError((err, c) => {
    const requestId = c.get('requestId')
    if (err instanceof Fault) {
      deps.logger.debug({ err, requestId }, err.code)
      return Response.json(err.details.body ?? { error: err.details.public }, {
        status: err.status,
        headers: { ...err.details.headers },
      })
    }
    deps.logger.error({ err, requestId }, 'bug')
    return c.json({ error: `Internal error. Request ${requestId}.` }, 500)
  })
  return app
}

/** Browsers post events straight from pages: any origin, any of the headers clients send. */
function preflight(asked: string | undefined): Record<string, string> {
  const headers =
    asked !== undefined && /^[\w\-, ]{1,1000}$/.test(asked)
      ? asked
      : 'Authorization, Content-Type, Content-Encoding'
  return {
    'Access-Control-Allow-Methods': METHODS,
    'Access-Control-Allow-Headers': headers,
    'Access-Control-Max-Age': '86400',
  }
}
