// GET|POST /v0/pipes/{name}.{format}: a published endpoint.
import { findPipe, type DeployedPipe } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import { compileOver, compilePipe, type CompiledQuery, type CompileScope } from '@sandpiper/pipes'
import { fixedParamsFor, mayReadPipe, resourceDenied, type Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { authorityOf, seesNames } from '../../query/authority.ts'
import { dataPlane } from '../../query/data-plane.ts'
import { mapForRequest } from '../../query/map-for-request.ts'
import { formatOfEnding, formatOfName, type OutputFormat } from '../../query/output-format.ts'
import { readQueryOptions, type QueryOptions } from '../../query/query-options.ts'
import type { QueryRunner } from '../../query/query-runner.ts'
import { readQueryBody } from '../../query/read-body.ts'
import { queryFields } from '../../query/query-fields.ts'

/** `name.ending`; `x.pipe` is the text of a datafile and belongs to management. */
export const PIPE_PATH = '/v0/pipes/:file{[^/]+\\.(?!pipe$)[A-Za-z0-9]+}'

/** Adds the route; the runner is shared with /v0/sql. */
export function getPipe(app: ApiApp, deps: ApiDeps, runner: QueryRunner): void {
  app.use(PIPE_PATH, dataPlane)
  app.on(['GET', 'POST'], PIPE_PATH, async (c) => {
    const principal = await authorizeRequest(c, deps)
    const { name, ending } = splitFile(c.req.param('file'))
    const options = await readOptions(c)
    const { map } = await mapForRequest(deps, principal, options.deployment)
    const found = findPipe(map, name)
    const note = c.get('queryNote')
    const params = { ...options.params, ...(found ? fixedParamsFor(principal, found.id) : {}) }
    if (found !== undefined)
      note.subject({ principal, pipe: { id: found.id, name: found.file.name }, params })
    const pipe = allowedPipe(found, name, principal)
    const format = formatOfEnding(ending)
    const scope: CompileScope = {
      workspaceId: principal.workspaceId,
      map,
      params,
      secrets: new Map(),
      authority: authorityOf(principal),
    }
    const { compiled, format: chosen } = compile(scope, pipe, options, format)
    return runner.run({
      compiled,
      format: chosen,
      requestId: c.get('requestId'),
      settings: options.settings,
      signal: c.req.raw.signal,
      note,
    })
  })
}

async function readOptions(c: Context<ApiEnv>): Promise<QueryOptions> {
  const query = queryFields(c.req.url)
  if (c.req.method !== 'POST') return readQueryOptions(query, [])
  const body = await readQueryBody(c.req.raw)
  if (body.kind === 'fields') return readQueryOptions(query, body.fields)
  throw fault('request.invalid', {
    public:
      'Send parameters as application/json or application/x-www-form-urlencoded, or in the URL.',
  })
}

function splitFile(file: string): { name: string; ending: string } {
  const dot = file.lastIndexOf('.')
  return { name: file.slice(0, dot), ending: file.slice(dot + 1).toLowerCase() }
}

// The same refusal for a pipe that is not there and for one the token may not read: it learns nothing.
function allowedPipe(
  pipe: DeployedPipe | undefined,
  name: string,
  principal: Principal,
): DeployedPipe {
  if (pipe !== undefined && mayReadPipe(principal, pipe.id)) return pipe
  if (pipe === undefined && seesNames(principal)) {
    throw fault('resource.missing', { public: `The pipe '${name}' does not exist` })
  }
  throw resourceDenied(name)
}

function compile(
  scope: CompileScope,
  pipe: DeployedPipe,
  { q }: QueryOptions,
  format: OutputFormat,
): { compiled: CompiledQuery; format: OutputFormat } {
  if (q === null) return { compiled: compilePipe(scope, { pipe: pipe.id }), format }
  const over = compileOver(scope, { pipe: pipe.id, q })
  return { compiled: over, format: over.format === null ? format : formatOfName(over.format) }
}
