// GET|POST /v0/pipes/{name}.{format}: a published endpoint.
import { findPipe, type DeployedPipe } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import { compileOver, compilePipe, type CompiledQuery, type CompileScope } from '@sandpiper/pipes'
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
import type { Answers } from '../../query/answer-query.ts'
import { readQueryBody } from '../../query/read-body.ts'
import type { ResultColumns } from '../../query/result-columns.ts'
import { warnUnused } from '../../query/unused-fixed-params.ts'
import type { WarmEndpoints } from '../../query/warm-endpoints.ts'
import type { RateLimits } from '../../rate-limits.ts'
import { queryFields } from '../../query/query-fields.ts'
import { keepOf } from './keep-of.ts'

/** `name.ending`; `x.pipe` is the text of a datafile and belongs to management. */
export const PIPE_PATH = '/v0/pipes/:file{[^/]+\\.(?!pipe$)[A-Za-z0-9]+}'

/** The same parameters, answered with the plan. */
export const EXPLAIN_PATH = '/v0/pipes/:name{[^/]+}/explain'

/** Adds the routes; the answers are shared with /v0/sql. */
export function getPipe(app: ApiApp, deps: ApiDeps, shared: Shared): void {
  app.use(PIPE_PATH, dataPlane)
  app.use(EXPLAIN_PATH, dataPlane)
  app.on(['GET', 'POST'], PIPE_PATH, (c) =>
    answer(c, { deps, ...shared }, splitFile(c.req.param('file'))),
  )
  app.on(['GET', 'POST'], EXPLAIN_PATH, (c) =>
    answer(c, { deps, ...shared }, { name: c.req.param('name'), ending: 'json', explain: true }),
  )
}

/** What all routes of queries use together. */
interface Shared {
  readonly answers: Answers
  readonly columns: ResultColumns
  readonly limits: RateLimits
  readonly warm: WarmEndpoints
}

interface Parts extends Shared {
  readonly deps: ApiDeps
}

/** What the path says. */
interface Asked {
  readonly name: string
  readonly ending: string
  readonly explain?: true
}

async function answer(
  c: Context<ApiEnv>,
  { deps, answers, columns, limits, warm }: Parts,
  { name, ending, explain }: Asked,
): Promise<Response> {
  const caller = await authorizeReader(c, deps)
  await limits.countCaller(c, caller)
  const options = { ...(await readOptions(c)), ...(explain ? { explain } : {}) }
  const { map, number } = await mapForRequest(deps, caller, options.deployment)
  const principal = principalIn(map, caller)
  const found = findPipe(map, name)
  const note = c.get('queryNote')
  const fixedParams = found === undefined ? {} : fixedParamsFor(principal, found.id)
  const params = { ...options.params, ...fixedParams }
  if (found !== undefined)
    note.subject({ principal, pipe: { id: found.id, name: found.file.name }, params })
  const pipe = allowedPipe(found, name, principal)
  await limits.countWorkspace(c, principal)
  await limits.countEndpoint(c, pipe.id)
  warnUnused(deps.logger, { map, pipe, principal, fixedParams })
  if (options.deployment === 'live') warm(principal.workspaceId, map)
  const format = formatOfEnding(ending)
  const scope: CompileScope = {
    workspaceId: principal.workspaceId,
    map,
    params,
    ...(await querySecrets(deps, { principal, map, options, sql: null })),
    authority: authorityOf(principal),
  }
  const asker = { principal, deployment: number, signal: c.req.raw.signal }
  const { compiled, format: chosen } = await columns.compile(asker, scope, (described) =>
    compile(described, pipe, options, format),
  )
  return answers.answer({
    query: {
      compiled,
      format: chosen,
      requestId: c.get('requestId'),
      workspaceId: principal.workspaceId,
      settings: options.settings,
      signal: c.req.raw.signal,
      note,
    },
    ...{ principal, options },
    keep: keepOf({ pipe, compiled, options, fixedParams, deployment: number }),
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
