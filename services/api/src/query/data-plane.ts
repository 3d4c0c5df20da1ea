// CORS for the data plane: browsers call endpoints and SQL with a read token. Nothing else of the api answers other origins.
import { fault } from '@sandpiper/faults'
import type { MiddlewareHandler } from 'hono'

import type { ApiEnv } from '../app.ts'
import { COST_HEADER } from './hide-cost.ts'

/** What scripts of other origins may read beside the body. */
const EXPOSED = [
  ...['X-Request-Id', 'X-DB-Exception-Code', COST_HEADER, 'X-Cache', 'Age', 'Retry-After'],
  ...['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'],
].join(', ')
const METHODS = 'GET, POST, OPTIONS'

/** Answers preflights, opens every answer (errors too) to any origin, and refuses other methods. @throws fault `request.method` (405). */
export const dataPlane: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.req.method === 'OPTIONS') {
    const asked = c.req.header('Access-Control-Request-Headers') ?? 'Authorization, Content-Type'
    return c.body(null, 204, {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Methods': METHODS,
      'Access-Control-Allow-Headers': /^[\w\-, ]{1,1000}$/.test(asked)
        ? asked
        : 'Authorization, Content-Type',
      'Access-Control-Max-Age': '86400',
    })
  }
  if (!['GET', 'HEAD', 'POST'].includes(c.req.method)) {
    throw fault('request.method', {
      public: `${c.req.method} is not allowed here: use GET or POST.`,
      headers: { Allow: METHODS, 'Access-Control-Allow-Origin': '*' },
    })
  }
  await next()
  // c.header() would make another response of it, with a stream for a body.
  const { headers } = c.res
  headers.set('Access-Control-Allow-Origin', '*')
  headers.set('Access-Control-Expose-Headers', EXPOSED)
  // One URL is answered differently to different tokens: nobody between us and the caller may keep an answer.
  headers.set('Vary', 'Authorization')
  headers.set('Cache-Control', 'no-store')
}
