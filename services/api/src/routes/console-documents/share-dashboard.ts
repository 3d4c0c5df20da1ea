// A JWT for who may look at one dashboard and at nothing else. It is made as any JWT is and kept nowhere, but it names a link that the catalog
// keeps, and is refused without it: so each can be ended by itself.
import { randomUUID } from 'node:crypto'

import {
  dashboardSchema,
  dashboardShareInputSchema,
  wireTime,
  type Dashboard,
  type DashboardShareBody,
} from '@sandpiper/contracts'
import { findPipe, type DeployedPipe, type DeploymentMap } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import { pipeParams } from '@sandpiper/pipes'
import type { Context } from 'hono'

import type { ApiEnv, RouteDeps } from '../../app.ts'
import { readParams } from '../../read-params.ts'
import { createJwt } from '../tokens/create-jwt.ts'
import { countAdmin } from './count-admin.ts'
import { SHARE_NAME } from './dashboard-rights.ts'
import { parsed } from './document-kinds.ts'

/**
 * `POST /v0/console/dashboards/{id}/shares`.
 * @throws fault `request.invalid` for a dashboard with SQL or without tiles, and when an endpoint would not be restricted by a fixed
 * parameter, unless it is named.
 */
export async function shareDashboard(
  c: Context<ApiEnv>,
  deps: RouteDeps,
  id: string,
): Promise<DashboardShareBody> {
  const principal = await countAdmin(c, deps)
  const { workspaceId } = principal
  const { json } = await readParams(c)
  const input = parsed(dashboardShareInputSchema, 'share', json ?? {})
  const key = { workspaceId, kind: 'dashboard', owner: null, id } as const
  const found = await deps.catalog.findDocument(key)
  if (found === null)
    throw fault('resource.missing', { public: `There is no dashboard '${id.slice(0, 64)}'.` })
  const { map } = await deps.catalog.liveMap(workspaceId)
  const pipes = pipesOf(dashboardSchema.parse(found.content), map)
  const scopes = pipes.map((pipe) => ({
    ...{ type: 'PIPES:READ', resource: pipe.id },
    fixed_params: fixedFor(map, pipe, input),
  }))
  const values = new URLSearchParams({
    name: `${SHARE_NAME}${id}`,
    expiration_time: String(input.expiration_time),
  })
  const { limits, fixed_params: fixedParams } = input
  const share = {
    ...{ id: randomUUID(), dashboardId: id, madeBy: principal.tokenName, fixedParams },
    expiresAt: new Date(input.expiration_time * 1_000).toISOString(),
    pipes: pipes.map(({ file }) => file.name),
  }
  const { token } = await createJwt(
    deps,
    principal,
    { values, json: { scopes, ...(limits === undefined ? {} : { limits }) } },
    { map, share: share.id },
  )
  // Of no use before: whoever fails to hear of the JWT has no link that is not listed.
  await deps.catalog.createShare(workspaceId, share)
  return { id: share.id, token, expires_at: wireTime(share.expiresAt), pipes: share.pipes }
}

/** The endpoints of all tiles, each once. */
function pipesOf({ tiles }: Dashboard, map: DeploymentMap): DeployedPipe[] {
  if (tiles.length === 0) throw invalid('it has no tiles yet')
  const pipes = new Map<string, DeployedPipe>()
  for (const { title, source } of tiles) {
    if (!('pipe' in source))
      throw invalid(
        `the tile "${title}" asks SQL, which a link must not: make an endpoint of it first`,
      )
    const pipe = findPipe(map, source.pipe)
    if (pipe === undefined)
      throw invalid(`the tile "${title}" shows the endpoint "${source.pipe}", which is not there`)
    pipes.set(pipe.id, pipe)
  }
  return [...pipes.values()]
}

/** Those that the endpoint takes. One that takes not all of them would show the rows of everybody. */
function fixedFor(
  map: DeploymentMap,
  pipe: DeployedPipe,
  {
    fixed_params: fixed,
    unfixed_pipes: unfixed,
  }: ReturnType<typeof dashboardShareInputSchema.parse>,
): Record<string, unknown> {
  const taken = new Set(pipeParams(map, pipe).map(({ name }) => name))
  const lacking = Object.keys(fixed).filter((name) => !taken.has(name))
  const isNamed = [pipe.id, pipe.file.name].some((each) => unfixed.includes(each))
  if (lacking.length > 0 && !isNamed) {
    throw invalid(
      `the endpoint "${pipe.file.name}" takes no parameter ${lacking.map((name) => `"${name}"`).join(', ')}, so whoever has the link would see its rows of everybody: give it that parameter, or name it in "unfixed_pipes"`,
    )
  }
  return Object.fromEntries(Object.entries(fixed).filter(([name]) => taken.has(name)))
}

function invalid(why: string): Error {
  return fault('request.invalid', { public: `This dashboard cannot be shared: ${why}.` })
}
