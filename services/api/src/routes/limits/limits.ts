// What queries may take: of the caller, and of a workspace, whose plan the operator of the server sets.
import type { LimitListBody } from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import {
  effectiveLimits,
  isServerAdmin,
  lacksScope,
  LIMIT_NAMES,
  LIMIT_UNITS,
  readLimitChanges,
  type EffectiveLimits,
} from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeAdmin, authorizeRequest } from '../../authorize.ts'
import { limitsOfServer } from '../../query/caller-limits.ts'
import { readParams } from '../../read-params.ts'
import { VERSIONS } from '../../versions.ts'
import { workspaceForAdmin } from '../workspaces/workspace-for-admin.ts'

/** `GET /v0/limits` for any static token, `GET|PUT /v0/workspaces/{id}/limits` for admins; only server admins change them. */
export function limitRoutes(app: ApiApp, deps: ApiDeps): void {
  for (const version of VERSIONS) {
    app.get(`${version}/limits`, async (c) => c.json(await ownLimits(c, deps)))
    const path = `${version}/workspaces/:id/limits`
    app.get(path, async (c) => c.json(await limitsOfWorkspace(c, deps)))
    app.put(path, async (c) => c.json(await changeLimits(c, deps)))
  }
}

async function ownLimits(c: Context<ApiEnv>, deps: ApiDeps): Promise<LimitListBody> {
  const { limits } = await authorizeRequest(c, deps)
  const { workspace, token } = limits ?? { workspace: {}, token: {} }
  return {
    limits: listed(effectiveLimits(limitsOfServer(deps.config), limits)),
    ...{ workspace: { ...workspace }, token: { ...token } },
  }
}

async function limitsOfWorkspace(c: Context<ApiEnv>, deps: ApiDeps): Promise<LimitListBody> {
  const principal = await authorizeAdmin(c, deps)
  const { id } = await workspaceForAdmin(deps, principal, c.req.param('id') ?? '')
  return bodyOf(deps, await deps.catalog.workspaceLimits(id))
}

async function changeLimits(c: Context<ApiEnv>, deps: ApiDeps): Promise<LimitListBody> {
  const principal = await authorizeRequest(c, deps)
  if (!isServerAdmin(principal)) throw lacksScope('ADMIN_USER')
  const { id } = await workspaceForAdmin(deps, principal, c.req.param('id') ?? '')
  const read = readLimitChanges((await readParams(c)).json, LIMIT_NAMES)
  if (read.problem !== null)
    throw fault('request.invalid', { public: `Nothing was changed: ${read.problem}.` })
  const limits = await deps.catalog.changeWorkspaceLimits(id, read.changes)
  deps.logger.info({ workspaceId: id, limits }, 'the limits of a workspace were changed')
  return bodyOf(deps, limits)
}

function bodyOf(
  deps: Pick<ApiDeps, 'config'>,
  workspace: Awaited<ReturnType<ApiDeps['catalog']['workspaceLimits']>>,
): LimitListBody {
  const effective = effectiveLimits(limitsOfServer(deps.config), { workspace, token: {} })
  return { limits: listed(effective), workspace: { ...workspace } }
}

function listed(effective: EffectiveLimits): LimitListBody['limits'] {
  return LIMIT_NAMES.flatMap((name) => {
    const limit = effective[name]
    return limit === undefined ? [] : [{ name, ...limit, unit: LIMIT_UNITS[name] }]
  })
}
