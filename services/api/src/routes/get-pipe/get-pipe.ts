// GET|POST /v0/pipes/{name}.{format}: a published endpoint.
import { findPipe, type DeployedPipe } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import {
  compileOver,
  compilePipe,
  endpointNode,
  type CompiledQuery,
  type CompileScope,
} from '@sandpiper/pipes'
import {
  fixedParamsFor,
  mayReadPipe,
  principalIn,
  resourceDenied,
  type Principal,
} from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeReader } from '../../authorize.ts'
import { authorityOf, seesNames } from '../../query/authority.ts'
import { dataPlane } from '../../query/data-plane.ts'
import { mapForRequest } from '../../query/map-for-request.ts'
import { formatOfEnding, formatOfName, type OutputFormat } from '../../query/output-format.ts'
import { readQueryOptions, type QueryOptions } from '../../query/query-options.ts'
import { querySecrets } from '../../query/query-secrets.ts'
import type { Answers, Keep } from '../../query/answer-query.ts'
import { readQueryBody } from '../../query/read-body.ts'
import { queryFields } from '../../query/query-fields.ts'

/** `name.ending`; `x.pipe` is the text of a datafile and belongs to management. */
export const PIPE_PATH = '/v0/pipes/:file{[^/]+\\.(?!pipe$)[A-Za-z0-9]+}'

/** Seconds that an answer may be kept at most. */
const KEEP_SECONDS_MAX = 86_400

/** Adds the route; the answers are shared with /v0/sql. */
export function getPipe(app: ApiApp, deps: ApiDeps, answers: Answers): void {
  app.use(PIPE_PATH, dataPlane)
  app.on(['GET', 'POST'], PIPE_PATH, async (c) => {
    const caller = await authorizeReader(c, deps)
    const { name, ending } = splitFile(c.req.param('file'))
    const options = await readOptions(c)
    const { map, number } = await mapForRequest(deps, caller, options.deployment)
    const principal = principalIn(map, caller)
    const found = findPipe(map, name)
    const note = c.get('queryNote')
    const fixedParams = found === undefined ? {} : fixedParamsFor(principal, found.id)
    const params = { ...options.params, ...fixedParams }
    if (found !== undefined)
      note.subject({ principal, pipe: { id: found.id, name: found.file.name }, params })
    const pipe = allowedPipe(found, name, principal)
    const format = formatOfEnding(ending)
    const scope: CompileScope = {
      workspaceId: principal.workspaceId,
      map,
      params,
      ...(await querySecrets(deps, { principal, map, options, sql: null })),
      authority: authorityOf(principal),
    }
    const { compiled, format: chosen } = compile(scope, pipe, options, format)
    const ttlSeconds = options.deployment === 'live' ? ttlOf(pipe, compiled, options) : 0
    return answers.answer({
      query: {
        compiled,
        format: chosen,
        requestId: c.get('requestId'),
        settings: options.settings,
        signal: c.req.raw.signal,
        note,
      },
      ...{ principal, options, isCallersSql: options.q !== null },
      keep: keepFor(pipe.id, number, ttlSeconds, fixedParams),
    })
  })
}

/** The shortest of what the template and the endpoint's node allow. What callers make of it with SQL of their own is not kept. */
function ttlOf(pipe: DeployedPipe, compiled: CompiledQuery, { q }: QueryOptions): number {
  if (q !== null) return 0
  const { file } = pipe
  const written = file.nodes[endpointNode(file)]?.settings['CACHE']
  const all = [compiled.cacheTtlSeconds, written === undefined ? null : Number(written)]
  const told = all.filter((each) => each !== null)
  return told.length === 0 ? 0 : Math.min(...told, KEEP_SECONDS_MAX)
}

function keepFor(
  pipeId: string,
  deployment: number,
  ttlSeconds: number,
  fixedParams: Keep['fixedParams'],
): Keep | null {
  return ttlSeconds > 0 ? { pipeId, deployment, ttlSeconds, fixedParams } : null
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
