// GET /v0/pipes/openapi.json: what a token may call, as an OpenAPI document.
import type { DeployedPipe, DeploymentMap } from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import { compilePipe, endpointNode, pipeParams } from '@sandpiper/pipes'
import { fixedParamsFor, mayReadPipe, principalIn, type Principal } from '@sandpiper/tokens'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { authorizeReader } from '../../authorize.ts'
import { scopeOf } from '../../deployments/scratch-check.ts'
import { dataPlane } from '../../query/data-plane.ts'
import type { ResultColumns } from '../../query/result-columns.ts'
import type { RateLimits } from '../../rate-limits.ts'
import { openapiDocument, type DescribedEndpoint } from './openapi-document.ts'
import type { PipeParam } from './param-schema.ts'

const PATH = '/v0/pipes/openapi.json'

/** Milliseconds for the columns of all endpoints, and how many are asked for at once; those that are not known then are left out. */
const COLUMNS_MS = 5_000
const AT_ONCE = 4

/** Adds the route; before the one of the endpoints, so that a pipe of this name is called by its id. */
export function getOpenapi(
  app: ApiApp,
  deps: ApiDeps,
  { columns, limits }: { readonly columns: ResultColumns; readonly limits: RateLimits },
): void {
  app.use(PATH, dataPlane)
  app.get(PATH, async (c) => {
    const caller = await authorizeReader(c, deps)
    await limits.countCaller(c, caller)
    const { map, number } = await deps.catalog.liveMap(caller.workspaceId)
    const principal = principalIn(map, caller)
    const pipes = Object.values(map.pipes).filter(
      ({ id, file }) => endpointNode(file) >= 0 && mayReadPipe(principal, id),
    )
    // What there is to describe the engine is asked for.
    if (pipes.length > 0) await limits.countWorkspace(c, principal)
    const signal = AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(COLUMNS_MS)])
    const asker = { principal, deployment: number, signal }
    const known = await inTurns(pipes, (pipe) => columnsOf(columns, asker, map, pipe))
    const endpoints = pipes.map((pipe, index) => ({
      ...describe(map, pipe, principal),
      columns: known[index] ?? null,
    }))
    const { origin } = new URL(c.req.url)
    return c.json(openapiDocument(endpoints, { origin, deployment: number }))
  })
}

function describe(
  map: DeploymentMap,
  pipe: DeployedPipe,
  principal: Principal,
): Omit<DescribedEndpoint, 'columns'> {
  const { name, description } = pipe.file
  const fixed = fixedParamsFor(principal, pipe.id)
  // What the token fixes is no choice of its holder.
  const params = paramsOf(map, pipe).filter((param) => !(param.name in fixed))
  return { id: pipe.id, name, description, params }
}

/** What a call without parameters would give this caller, with what its token fixes; null when only a call can tell. */
async function columnsOf(
  columns: ResultColumns,
  asker: Parameters<ResultColumns['of']>[0],
  map: DeploymentMap,
  { id }: DeployedPipe,
): Promise<DescribedEndpoint['columns']> {
  const { principal, signal } = asker
  const isOver = (): boolean => signal.aborted
  if (isOver()) return null
  const scope = scopeOf(principal.workspaceId, map, true)
  try {
    const params = fixedParamsFor(principal, id)
    return await columns.of(asker, compilePipe({ ...scope, params }, { pipe: id }))
  } catch (err) {
    if (err instanceof Fault || isOver()) return null
    throw err
  }
}

/** As map does, some at a time. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const waiting = items.entries()
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (const [index, item] of waiting) results[index] = await work(item)
  })
  await Promise.all(workers)
  return results
}

function paramsOf(map: DeploymentMap, pipe: DeployedPipe): readonly PipeParam[] {
  try {
    return pipeParams(map, pipe)
  } catch (err) {
    // Deployed before a rule it breaks: it is still listed.
    if (err instanceof Fault) return []
    throw err
  }
}
