// What is written down of each request to an endpoint or to /v0/sql: one row of `tinybird.pipe_stats_rt`, and one of `endpoint_errors`
// when it failed. Noted are requests whose token is known, for a pipe that is there; refused ones too. A request that reads
// `tinybird.*` itself leaves no row. Nobody waits for it: the row is taken when the answer's last byte is out.
import { SYSTEM_WORKSPACE_ID, databaseName } from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import type { OpsLog } from '@sandpiper/telemetry'
import type { Context, MiddlewareHandler } from 'hono'

import type { ApiDeps } from '../api-deps.ts'
import type { ApiEnv } from '../app.ts'
import { costOf, noCost, watched, type QueryCost } from './query-cost.ts'
import type { QueryNote, QuerySubject } from './query-note-contract.ts'

/** /v0/sql, as Tinybird calls it. */
export const QUERY_API = { id: 'query_api', name: 'query_api' } as const

/** Answered as nginx says it: the caller left. */
const LEFT = 499
const SYSTEM_DATABASE = databaseName(SYSTEM_WORKSPACE_ID)

/** Puts a note into each request behind it, and writes it down in the end. */
export function noteQueries(deps: Pick<ApiDeps, 'ops' | 'now'>): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const startedAtMs = deps.now()
    const started = performance.now()
    const open = openNote()
    c.set('queryNote', open.note)
    await next()
    const known = open.known()
    if (known === null) return
    const failed = c.error
    const left = c.req.raw.signal.aborted
    const answered: Ending = {
      error: failed === undefined ? (left ? LEFT_TEXT : null) : textOf(failed),
      status: left ? LEFT : c.res.status,
    }
    // Nobody was to read the body of a HEAD.
    const isHead = c.req.method === 'HEAD'
    open.whenEnded((ending) => {
      write(deps.ops, c, known, {
        ...{ startedAtMs, durationSeconds: (performance.now() - started) / 1_000 },
        ...{ ending: (isHead ? null : ending) ?? answered, cost: open.cost() },
      })
    })
  }
}

const LEFT_TEXT = 'The client closed the connection before the answer was complete.'

interface Ending {
  readonly status: number
  readonly error: string | null
}

interface OpenNote {
  readonly note: QueryNote
  /** null when nothing is to be written down. */
  known(): QuerySubject | null
  cost(): QueryCost
  /** Calls back once when the answer is out: at once unless it is still being sent. Null: as the route answered. */
  whenEnded(then: (ending: Ending | null) => void): void
}

function openNote(): OpenNote {
  let subject: QuerySubject | null = null
  let readsService = false
  let cost = noCost()
  let ended: Promise<Ending | null> | null = null
  return {
    known: () => (readsService ? null : subject),
    cost: () => cost,
    whenEnded(then) {
      if (ended === null) then(null)
      else void ended.then(then)
    },
    note: {
      subject(given) {
        subject = given
      },
      compiled({ tables }) {
        readsService = tables.some(({ database }) => database === SYSTEM_DATABASE)
      },
      reply(reply, told) {
        if (reply.whole !== null) {
          cost = costOf(reply.headers, reply.whole)
          return reply
        }
        const body = watched(reply.body)
        ended = body.ended.then(({ how, tail }) => {
          cost = costOf(reply.headers, tail)
          if (how === 'done') return null
          if (how === 'left') return { status: LEFT, error: LEFT_TEXT }
          return { status: 500, error: textOf(told(how)) }
        })
        return { ...reply, body: body.chunks }
      },
    },
  }
}

interface Outcome {
  readonly startedAtMs: number
  readonly durationSeconds: number
  readonly ending: Ending
  readonly cost: QueryCost
}

function write(ops: OpsLog, c: Context<ApiEnv>, subject: QuerySubject, outcome: Outcome): void {
  const { principal, pipe, params } = subject
  ops.request({
    workspaceId: principal.workspaceId,
    ...{ startedAtMs: outcome.startedAtMs, durationSeconds: outcome.durationSeconds },
    ...{ pipeId: pipe.id, pipeName: pipe.name, requestId: c.get('requestId') },
    ...{ tokenId: principal.tokenId, tokenName: principal.tokenName },
    method: c.req.method,
    statusCode: outcome.ending.status,
    error: outcome.ending.error,
    url: c.req.url,
    userAgent: c.req.header('User-Agent') ?? null,
    parameters: params,
    ...outcome.cost,
  })
}

/** What the caller was told, and nothing else. */
function textOf(err: unknown): string {
  return err instanceof Fault ? err.details.public : 'Internal error'
}
