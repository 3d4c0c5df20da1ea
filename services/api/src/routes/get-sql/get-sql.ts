// GET|POST /v0/sql: SQL of the caller over what its token may read. JSON unless the SQL ends in FORMAT.
import { fault } from '@sandpiper/faults'
import { findPipe, type DeployedPipe, type DeploymentMap } from '@sandpiper/deployment'
import { compileSql, type CompileScope } from '@sandpiper/pipes'
import {
  lacksScope,
  mayRead,
  mayReadPipe,
  principalIn,
  resourceDenied,
  type Principal,
} from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeReader } from '../../authorize.ts'
import { authorityOf } from '../../query/authority.ts'
import { dataPlane } from '../../query/data-plane.ts'
import { mapForRequest } from '../../query/map-for-request.ts'
import { formatOfName } from '../../query/output-format.ts'
import type { RateLimits } from '../../rate-limits.ts'
import { queryFields } from '../../query/query-fields.ts'
import { readQueryOptions, type QueryOptions } from '../../query/query-options.ts'
import { querySecrets } from '../../query/query-secrets.ts'
import type { Answers } from '../../query/answer-query.ts'
import type { ResultColumns } from '../../query/result-columns.ts'
import { fixedParamsOfAll } from '../../query/caller-rights.ts'
import { QUERY_API } from '../../service-data-sources/query-note.ts'
import { readQueryBody } from '../../query/read-body.ts'

export const SQL_PATH = '/v0/sql'

/** What all routes of queries use together. */
interface Shared {
  readonly answers: Answers
  readonly columns: ResultColumns
  readonly limits: RateLimits
}

/** Adds the route; the answers are shared with the endpoints. */
export function getSql(app: ApiApp, deps: ApiDeps, { answers, columns, limits }: Shared): void {
  app.use(SQL_PATH, dataPlane)
  app.on(['GET', 'POST'], SQL_PATH, async (c) => {
    const caller = await authorizeReader(c, deps)
    await limits.countCaller(c, caller)
    if (!mayRead(caller)) throw lacksScope('DATASOURCES:READ')
    await limits.countWorkspace(c, caller)
    const { sql, options } = await readSql(c)
    const { map, number } = await mapForRequest(deps, caller, options.deployment)
    const principal = principalIn(map, caller)
    const note = c.get('queryNote')
    note.subject({ principal: caller, pipe: QUERY_API, params: { ...options.params, q: sql } })
    const scope: CompileScope = {
      workspaceId: principal.workspaceId,
      map,
      params: { ...options.params, ...fixedParamsOfAll(principal) },
      ...(await querySecrets(deps, { principal, map, options, sql })),
      authority: authorityOf(principal),
    }
    const pipeline = pipelineOf(map, principal, options)
    const asker = { principal, deployment: number, signal: c.req.raw.signal }
    const compiled = await columns.compile(asker, scope, (described) =>
      compileSql(described, { sql, pipeline }),
    )
    return answers.answer({
      query: {
        compiled,
        format: formatOfName(compiled.format),
        requestId: c.get('requestId'),
        workspaceId: principal.workspaceId,
        settings: options.settings,
        signal: c.req.raw.signal,
        note,
      },
      ...{ principal, options, keep: null },
    })
  })
}

// A body of plain text is the SQL, and so is a form without `q`: `curl -d 'SELECT 1'` sends one. Options then stand in the URL.
async function readSql(c: Context<ApiEnv>): Promise<{ sql: string; options: QueryOptions }> {
  const query = queryFields(c.req.url)
  const body = c.req.method === 'POST' ? await readQueryBody(c.req.raw) : null
  const fields = body?.kind === 'fields' ? body.fields : []
  const isNamed = [...query, ...fields].some(([name]) => name === 'q')
  const text = body?.kind === 'text' ? body.text : isNamed ? undefined : body?.formText
  const options = readQueryOptions(query, text === undefined ? fields : [])
  const sql = text ?? options.q
  if (sql !== null && sql.trim() !== '') return { sql, options }
  throw fault('request.invalid', {
    public: "The query is missing: send it as 'q' or as the body of a POST.",
  })
}

/** The pipe that `_` stands for. */
function pipelineOf(
  map: DeploymentMap,
  principal: Principal,
  { pipeline, playground }: QueryOptions,
): DeployedPipe | null {
  if (playground !== null) {
    throw fault('request.invalid', {
      public:
        "There are no playgrounds on this server: leave 'playground' out, or name a pipe as 'pipeline'.",
    })
  }
  if (pipeline === null) return null
  const pipe = findPipe(map, pipeline)
  if (pipe === undefined || !mayReadPipe(principal, pipe.id)) throw resourceDenied(pipeline)
  return pipe
}
