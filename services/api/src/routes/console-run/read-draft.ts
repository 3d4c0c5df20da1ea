// What both routes of the console's editor read first: who asks, and nodes that nobody has deployed. They are SQL of the caller, whatever
// pipe they are meant for: it may make pipes, and its nodes read what its token may read.
import { fault } from '@sandpiper/faults'
import type { CompileScope } from '@sandpiper/pipes'
import {
  isAdmin,
  lacksScope,
  mayCreatePipes,
  mayRead,
  principalIn,
  type Principal,
} from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { authorityOf } from '../../query/authority.ts'
import { fixedParamsOfAll } from '../../query/caller-rights.ts'
import { readQueryBody } from '../../query/read-body.ts'
import { readQueryOptions } from '../../query/query-options.ts'
import { querySecrets } from '../../query/query-secrets.ts'
import type { RateLimits } from '../../rate-limits.ts'

/** A request about nodes, and the scope that they compile in. */
export interface DraftRequest<Input> {
  readonly input: Input
  readonly principal: Principal
  readonly scope: CompileScope
  readonly asker: {
    readonly principal: Principal
    readonly deployment: number
    readonly signal: AbortSignal
  }
}

/** A shape of packages/contracts. */
interface Shape<Input> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: Input }
    | {
        readonly success: false
        readonly error: {
          readonly issues: readonly {
            readonly path: readonly PropertyKey[]
            readonly message: string
          }[]
        }
      }
}

interface Nodes {
  readonly nodes: readonly { readonly name: string; readonly sql: string }[]
  readonly parameters: Readonly<Record<string, unknown>>
  readonly explain?: boolean
}

/** Characters of all nodes together: more than a pipe has, and than one query may be long. Each is read several times. */
const CHARACTERS_MAX = 1_000_000

/** @throws fault `auth.denied` | `limit.rate` | `request.invalid` | `request.too_large`. */
export async function readDraft<Input extends Nodes>(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  limits: RateLimits,
  schema: Shape<Input>,
): Promise<DraftRequest<Input>> {
  const caller = await authorizeRequest(c, deps)
  await limits.countCaller(c, caller)
  if (!mayCreatePipes(caller)) throw lacksScope('PIPES:CREATE')
  if (!isAdmin(caller) && !mayRead(caller)) throw lacksScope('DATASOURCES:READ')
  await limits.countWorkspace(c, caller)
  const input = await readInput(c, schema)
  const { map, number } = await deps.catalog.liveMap(caller.workspaceId)
  const principal = principalIn(map, caller)
  // As if they had been sent to /v0/sql.
  const { params } = readQueryOptions([], Object.entries(input.parameters))
  const sql = input.nodes.map((node) => node.sql).join('\n')
  const options = { explain: input.explain ?? false }
  return {
    input,
    principal,
    scope: {
      workspaceId: principal.workspaceId,
      map,
      params: { ...params, ...fixedParamsOfAll(principal) },
      ...(await querySecrets(deps, { principal, map, options, sql })),
      authority: authorityOf(principal),
    },
    asker: { principal, deployment: number, signal: c.req.raw.signal },
  }
}

async function readInput<Input extends Nodes>(
  c: Context<ApiEnv>,
  schema: Shape<Input>,
): Promise<Input> {
  const body = await readQueryBody(c.req.raw)
  const given = schema.safeParse(body.kind === 'fields' ? Object.fromEntries(body.fields) : null)
  if (!given.success) {
    const [issue] = given.error.issues
    const where = issue === undefined ? '' : issue.path.join('.')
    throw fault('request.invalid', {
      public: `The body is not valid: ${where === '' ? '' : `${where}: `}${issue?.message ?? ''}`,
    })
  }
  const characters = given.data.nodes.reduce((sum, { sql }) => sum + sql.length, 0)
  if (characters > CHARACTERS_MAX) {
    throw fault('request.too_large', {
      public: `The nodes have more than ${CHARACTERS_MAX} characters together.`,
    })
  }
  const names = new Set(given.data.nodes.map(({ name }) => name))
  if (names.size === given.data.nodes.length) return given.data
  throw fault('request.invalid', { public: 'Two nodes have the same name.' })
}
