// GET /v0/pipes/openapi.json: what a token may call, as an OpenAPI document.
import type { DeployedPipe, DeploymentMap } from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import { endpointNode, pipeParams } from '@sandpiper/pipes'
import { fixedParamsFor, mayReadPipe, principalIn, type Principal } from '@sandpiper/tokens'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { authorizeReader } from '../../authorize.ts'
import { dataPlane } from '../../query/data-plane.ts'
import type { ResultColumns } from '../../query/result-columns.ts'
import type { RateLimits } from '../../rate-limits.ts'
import { openapiDocument, type DescribedEndpoint } from './openapi-document.ts'
import type { PipeParam } from './param-schema.ts'

const PATH = '/v0/pipes/openapi.json'

/** Adds the route; before the one of the endpoints, so that a pipe of this name is called by its id. */
export function getOpenapi(
  app: ApiApp,
  deps: ApiDeps,
  { limits }: { readonly columns: ResultColumns; readonly limits: RateLimits },
): void {
  app.use(PATH, dataPlane)
  app.get(PATH, async (c) => {
    const caller = await authorizeReader(c, deps)
    limits.countCaller(c, caller)
    const { map, number } = await deps.catalog.liveMap(caller.workspaceId)
    const principal = principalIn(map, caller)
    const endpoints = Object.values(map.pipes)
      .filter(({ id, file }) => endpointNode(file) >= 0 && mayReadPipe(principal, id))
      .map((pipe) => describe(map, pipe, principal))
    const { origin } = new URL(c.req.url)
    return c.json(openapiDocument(endpoints, { origin, deployment: number }))
  })
}

function describe(map: DeploymentMap, pipe: DeployedPipe, principal: Principal): DescribedEndpoint {
  const { name, description } = pipe.file
  const fixed = fixedParamsFor(principal, pipe.id)
  // What the token fixes is no choice of its holder.
  const params = paramsOf(map, pipe).filter((param) => !(param.name in fixed))
  return { id: pipe.id, name, description, params }
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
