import { dashboardSchema, type DashboardDocument } from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import { principalIn } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiEnv, RouteDeps } from '../../app.ts'
import { authorizeReader } from '../../authorize.ts'
import { seesNames } from '../../query/authority.ts'
import { mayReadDashboard, withoutFixed } from './dashboard-rights.ts'
import { summaryOf } from './document-body.ts'

/**
 * `GET /v0/console/dashboards/{id}`, also for tokens that may read all its endpoints.
 * @throws fault `auth.denied`, in the same words for a dashboard that is not there and for one the token may not read.
 */
export async function readDashboard(
  c: Context<ApiEnv>,
  deps: RouteDeps,
  id: string,
): Promise<DashboardDocument> {
  const caller = await authorizeReader(c, deps)
  await deps.limits.countCaller(c, caller)
  const { workspaceId } = caller
  const { map } = await deps.catalog.liveMap(workspaceId)
  const principal = principalIn(map, caller)
  const found = await deps.catalog.findDocument({
    ...{ workspaceId, kind: 'dashboard', owner: null, id },
  })
  const isAll = seesNames(principal)
  if (found === null && isAll)
    throw fault('resource.missing', { public: `There is no dashboard '${id.slice(0, 64)}'.` })
  const dashboard = found === null ? null : dashboardSchema.parse(found.content)
  if (found === null || dashboard === null || !mayReadDashboard(principal, map, { id, dashboard }))
    throw fault('auth.denied', { public: 'This token may not read this dashboard.' })
  await deps.limits.countWorkspace(c, principal)
  const head = summaryOf(found)
  if (isAll) return { ...head, content: dashboard }
  // Who works here is none of a viewer's business, nor how long the text is that he does not get.
  const content = withoutFixed(principal, map, dashboard)
  return { ...head, edited_by: '', bytes: Buffer.byteLength(JSON.stringify(content)), content }
}
