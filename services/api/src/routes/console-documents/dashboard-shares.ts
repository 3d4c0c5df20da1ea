// The links to a dashboard that work now: who made them, for what, and until when; each can be ended.
import type { DashboardShare } from '@sandpiper/catalog'
import { wireTime, type DashboardShareSummary } from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import type { Context } from 'hono'

import type { ApiEnv, RouteDeps } from '../../app.ts'
import { countAdmin } from './count-admin.ts'

/** `GET /v0/console/dashboards/{id}/shares`. @throws fault `resource.missing` without such a dashboard. */
export async function listShares(
  c: Context<ApiEnv>,
  deps: RouteDeps,
  id: string,
): Promise<{ shares: DashboardShareSummary[] }> {
  const { workspaceId } = await countAdmin(c, deps)
  const key = { workspaceId, kind: 'dashboard', owner: null, id } as const
  if ((await deps.catalog.findDocument(key)) === null)
    throw fault('resource.missing', { public: `There is no dashboard '${id.slice(0, 64)}'.` })
  return { shares: (await deps.catalog.listShares(workspaceId, id)).map(shareBody) }
}

/** `DELETE /v0/console/dashboards/{id}/shares/{share}`: its JWT is refused from now on. @throws fault `resource.missing`. */
export async function endShare(
  c: Context<ApiEnv>,
  deps: RouteDeps,
  { id, share }: { readonly id: string; readonly share: string },
): Promise<{ ok: true }> {
  const { workspaceId } = await countAdmin(c, deps)
  if (await deps.catalog.removeShare(workspaceId, id, share)) return { ok: true }
  throw fault('resource.missing', { public: 'The dashboard has no such link.' })
}

function shareBody(share: DashboardShare): DashboardShareSummary {
  return {
    id: share.id,
    made_by: share.madeBy,
    created_at: wireTime(share.createdAt),
    expires_at: wireTime(share.expiresAt),
    pipes: [...share.pipes],
    fixed_params: { ...share.fixedParams },
  }
}
