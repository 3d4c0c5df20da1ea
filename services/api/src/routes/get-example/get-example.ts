// GET /examples/query.http: the URL that calls an endpoint, or SQL, with the parameters' defaults; what `tb endpoint url` prints.
import { findPipe, type DeployedPipe, type DeploymentMap } from '@sandpiper/deployment'
import { Fault, fault } from '@sandpiper/faults'
import { pipeParams } from '@sandpiper/pipes'
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
import { jsonValue } from '../get-openapi/param-schema.ts'

/** Adds the route. */
export function getExample(app: ApiApp, deps: ApiDeps, limits: RateLimits): void {
  app.get('/examples/query.http', async (c) => {
    const caller = await authorizeReader(c, deps)
    limits.countCaller(c, caller)
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
    const params = exampleParams(map, pipe).filter(([param]) => !(param in fixed))
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

/** Defaults, else examples; a required parameter without either is there to be filled in. */
function exampleParams(map: DeploymentMap, pipe: DeployedPipe): [string, string][] {
  try {
    return pipeParams(map, pipe).flatMap(
      ({ name, default: value, example, required }): [string, string][] => {
        const shown = value ?? example
        if (shown !== null && shown !== undefined) return [[name, textOf(shown)]]
        return required ? [[name, '']] : []
      },
    )
  } catch (err) {
    // Deployed before a rule it breaks.
    if (err instanceof Fault) return []
    throw err
  }
}

function textOf(value: unknown): string {
  const plain = jsonValue(value)
  if (Array.isArray(plain)) return plain.map(textOf).join(',')
  return typeof plain === 'string' ? plain : JSON.stringify(plain)
}
