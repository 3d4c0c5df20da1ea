// POST /v0/console/check and GET /v0/console/functions: what an editor shows of nodes without running them: their parameters, their columns and what is wrong.
import {
  consoleCheckSchema,
  type CheckedNodeBody,
  type ConsoleCheckBody,
} from '@sandpiper/contracts'
import { functionNames } from '@sandpiper/clickhouse'
import { Fault } from '@sandpiper/faults'
import { compileDraft, draftParams, lineNamed } from '@sandpiper/pipes'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { seesNames } from '../../query/authority.ts'
import { isRestricted } from '../../query/caller-rights.ts'
import { hideRowData } from '../../query/hide-row-data.ts'
import type { ResultColumns } from '../../query/result-columns.ts'
import type { RateLimits } from '../../rate-limits.ts'
import { jsonValue } from '../get-openapi/param-schema.ts'
import { createTurns } from './create-turns.ts'
import { readDraft, type DraftRequest } from './read-draft.ts'

const PATH = '/v0/console/check'

interface Shared {
  readonly columns: ResultColumns
  readonly limits: RateLimits
}

type CheckRequest = DraftRequest<{
  readonly nodes: readonly { readonly name: string; readonly sql: string }[]
}>

/** Adds the routes. */
export function consoleCheck(app: ApiApp, deps: ApiDeps, { columns, limits }: Shared): void {
  app.post(PATH, async (c) => {
    const draft = await readDraft(c, deps, limits, consoleCheckSchema)
    const nodes: CheckedNodeBody[] = []
    const turn = createTurns(deps.now, deps.config.queryTimeoutSeconds)
    for (const { name } of draft.input.nodes)
      nodes.push((await turn()) ? await checkNode(draft, columns, name) : unchecked(name))
    c.header('Cache-Control', 'no-store')
    return c.json({ parameters: parametersOf(draft), nodes } satisfies ConsoleCheckBody)
  })
  // Told to whoever is known here: it is what the gate lets through, in every workspace.
  app.get('/v0/console/functions', async (c) => {
    await authorizeRequest(c, deps)
    return c.json({ functions: functionNames })
  })
}

async function checkNode(
  { input: { nodes }, scope, asker, principal }: CheckRequest,
  columns: ResultColumns,
  node: string,
): Promise<CheckedNodeBody> {
  try {
    const testScope = { ...scope, testMode: true }
    const compiled = await columns.compile(asker, testScope, (described) =>
      compileDraft(described, { nodes, node }),
    )
    const found = await columns.of(asker, compiled)
    return { name: node, columns: found.map(({ name, type }) => ({ name, type })), problem: null }
  } catch (err) {
    const shown = isRestricted(principal) ? hideRowData(err) : err
    // Busy, too slow, gone: that is no remark about the node.
    if (!(shown instanceof Fault) || shown.retryable) throw shown
    const { place, public: error } = shown.details
    if (place !== undefined && place.node !== node)
      // It stands at the node that it is about.
      return { name: node, columns: null, problem: null }
    const sql = nodes.find(({ name }) => name === node)?.sql ?? ''
    const line = place?.line ?? (shown === err ? lineNamed(error, sql) : null)
    return { name: node, columns: null, problem: { error, line } }
  }
}

function unchecked(name: string): CheckedNodeBody {
  const error = 'Not checked: the nodes before it took all the time that there is for a check.'
  return { name, columns: null, problem: { error, line: null } }
}

/** Parameters of pipes that the nodes read are told to those only who see every pipe. */
function parametersOf({ input, scope, principal }: CheckRequest): ConsoleCheckBody['parameters'] {
  const map = seesNames(principal) ? scope.map : null
  return draftParams(map, input.nodes).map(
    ({ name, type, required, default: value, description, enum: allowed, example, format }) => ({
      ...{ name, type, required, description, format },
      ...(value === null || value === undefined ? {} : { default: jsonValue(value) }),
      ...(example === null || example === undefined ? {} : { example: jsonValue(example) }),
      enum: allowed === null ? null : allowed.map(jsonValue),
    }),
  )
}
