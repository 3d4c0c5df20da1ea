// POST /v0/console/run: one node of a pipe that is being edited, with the nodes before it, none of them deployed.
import { consoleRunSchema } from '@sandpiper/contracts'
import { Fault, fault } from '@sandpiper/faults'
import { compileDraft, lineNamed } from '@sandpiper/pipes'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import type { Answers } from '../../query/answer-query.ts'
import { isRestricted } from '../../query/caller-rights.ts'
import { formatOfEnding } from '../../query/output-format.ts'
import type { ResultColumns } from '../../query/result-columns.ts'
import type { RateLimits } from '../../rate-limits.ts'
import { QUERY_API } from '../../service-data-sources/query-note.ts'
import { createTurns, type Turn } from './create-turns.ts'
import { readDraft, type DraftRequest } from './read-draft.ts'

export const CONSOLE_RUN_PATH = '/v0/console/run'

interface Shared {
  readonly answers: Answers
  readonly columns: ResultColumns
  readonly limits: RateLimits
}

/** Adds the route; runner, gate, places and limits are those of the endpoints. */
export function consoleRun(app: ApiApp, deps: ApiDeps, { answers, columns, limits }: Shared): void {
  app.post(CONSOLE_RUN_PATH, async (c) => {
    const draft = await readDraft(c, deps, limits, consoleRunSchema)
    const { input, principal, scope, asker } = draft
    const { nodes, node, explain } = input
    const format = formatOfEnding(input.format)
    const note = c.get('queryNote')
    const sql = nodes.find(({ name }) => name === node)?.sql ?? ''
    note.subject({ principal, pipe: QUERY_API, params: { ...input.parameters, q: sql } })
    try {
      const compiled = await columns.compile(asker, scope, (described) =>
        compileDraft(described, { nodes, node }),
      )
      const answer = await answers.answer({
        query: {
          ...{ compiled, format, note, settings: {}, signal: asker.signal },
          ...{ requestId: c.get('requestId'), workspaceId: principal.workspaceId },
        },
        principal,
        options: { explain, finalizeAggregations: false },
        keep: null,
      })
      // Rows of one token.
      answer.headers.set('Cache-Control', 'no-store')
      return answer
    } catch (err) {
      throw await withNode(err, draft, {
        columns,
        turn: createTurns(deps.now, deps.config.queryTimeoutSeconds),
      })
    }
  })
}

/** What may be wrong with the text of a node. */
const NODE_FAULTS: ReadonlySet<string> = new Set(['query.failed', 'query.refused'])

type RunRequest = DraftRequest<{
  readonly nodes: readonly { readonly name: string; readonly sql: string }[]
  readonly node: string
}>

/**
 * A failure of the engine with the node that it comes from: the first that fails when it is described by itself, if that is found in time. To tokens that see some
 * rows only nothing is added: a line that holds a word of the engine's message would tell what the message says.
 */
async function withNode(
  err: unknown,
  draft: RunRequest,
  { columns, turn }: { readonly columns: ResultColumns; readonly turn: Turn },
): Promise<unknown> {
  const { principal, input, scope, asker } = draft
  if (!(err instanceof Fault) || !NODE_FAULTS.has(err.code) || isRestricted(principal)) return err
  const { nodes, node } = input
  const isPlaced = err.details.place !== undefined
  const known = err.details.headers?.['X-DB-Exception-Code'] === undefined && isPlaced
  if (known) return err
  const last = nodes.findIndex(({ name }) => name === node)
  const read = readBy(scope, nodes, node)
  for (const each of nodes.slice(0, last + 1)) {
    if (!read.has(each.name)) continue
    if (!(await turn())) return err
    const failure = await columns
      .compile(asker, scope, (described) => compileDraft(described, { nodes, node: each.name }))
      .then((compiled) => columns.of(asker, compiled))
      .then(
        () => null,
        (why: unknown) => why,
      )
    if (failure === null) continue
    const line = lineNamed(err.details.public, each.sql)
    return fault(err.code, {
      ...err.details,
      place: { node: each.name, line: line ?? 1 },
      cause: err,
    })
  }
  return err
}

/** The node and those before it that it reads. */
function readBy(
  scope: RunRequest['scope'],
  nodes: RunRequest['input']['nodes'],
  node: string,
): ReadonlySet<string> {
  try {
    const { sources } = compileDraft(scope, { nodes, node })
    return new Set((sources ?? []).map((each) => each.node))
  } catch {
    return new Set([node])
  }
}
