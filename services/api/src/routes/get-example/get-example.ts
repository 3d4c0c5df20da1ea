// GET /examples/query.http: the URL that calls an endpoint, or SQL, with the parameters' defaults; what `tb endpoint url` prints.
import { findPipe } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import {
  fixedParamsFor,
  mayRead,
  lacksScope,
  mayReadPipe,
  principalIn,
  resourceDenied,
} from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeReader } from '../../authorize.ts'
import { formatOfEnding } from '../../query/output-format.ts'
import type { RateLimits } from '../../rate-limits.ts'
import { exampleParams } from './example-params.ts'

/** Adds the route. */
export function getExample(app: ApiApp, deps: ApiDeps, limits: RateLimits): void {
  app.get('/examples/query.http', async (c) => {
    const caller = await authorizeReader(c, deps)
    await limits.countCaller(c, caller)
    const { map } = await deps.catalog.liveMap(caller.workspaceId)
    const principal = principalIn(map, caller)
    const name = c.req.query('pipe') ?? ''
    if (name === '') {
      if (!mayRead(principal)) throw lacksScope('DATASOURCES:READ')
      return urlText(c, '/v0/sql', [])
    }
    const pipe = findPipe(map, name)
    if (pipe === undefined || !mayReadPipe(principal, pipe.id)) throw resourceDenied(name)
    const ending = c.req.query('format') ?? 'json'
    formatOfEnding(ending)
    const fixed = fixedParamsFor(principal, pipe.id)
    const params = exampleParams({ workspaceId: principal.workspaceId, map, fixed }, pipe)
    return urlText(c, `/v0/pipes/${encodeURIComponent(pipe.file.name)}.${ending}`, params)
  })
}

// Plain text that no browser takes for a page: it holds what the caller sent.
function urlText(c: Context<ApiEnv>, path: string, params: [string, string][]): Response {
  const { q, token } = c.req.query()
  const url = new URL(path, new URL(c.req.url).origin)
  for (const [name, value] of params) url.searchParams.append(name, value)
  if (q !== undefined && q !== '') url.searchParams.set('q', q)
  if (token !== undefined) url.searchParams.set('token', token)
  if (path === '/v0/sql' && !url.searchParams.has('q'))
    throw fault('request.invalid', { public: "Say which pipe, as 'pipe', or which SQL, as 'q'." })
  return c.text(url.href, 200, { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' })
}
