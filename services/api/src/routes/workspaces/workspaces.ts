// Workspaces: the one a token belongs to, all that a caller may use, making and removing them.
import type { Workspace } from '@sandpiper/catalog'
import {
  wireTime,
  workspaceNameSchema,
  type NewWorkspaceBody,
  type UserWorkspacesBody,
  type WorkspaceBody,
  type WorkspaceItemBody,
} from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import { isAdmin, isServerAdmin, lacksScope, type Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeAdmin, authorizeRequest } from '../../authorize.ts'
import { VERSIONS } from '../../versions.ts'
import { isOn, readParams } from '../../read-params.ts'
import { workspaceForAdmin, workspaceMissing } from './workspace-for-admin.ts'
import { addWorkspace, dropWorkspace } from './workspace-lifecycle.ts'

/** There are no accounts: whoever holds a token is this user to clients that ask for one. */
const USER = {
  user_id: '00000000-0000-4000-8000-000000000000',
  user_email: 'admin@sandpiper.local',
}

/** `/v0|v1/workspace`, `/v0|v1/workspaces[/{id}]`, `/v0|v1/user/workspaces`. */
export function workspaceRoutes(app: ApiApp, deps: ApiDeps): void {
  for (const version of VERSIONS) {
    app.get(`${version}/workspace`, async (c) => c.json(await ownWorkspace(c, deps)))
    app.get(`${version}/user/workspaces`, async (c) => c.json(await usableWorkspaces(c, deps)))
    app.get(`${version}/workspaces`, async (c) => c.json(await usableWorkspaces(c, deps)))
    app.post(`${version}/workspaces`, async (c) => c.json(await createWorkspace(c, deps)))
    app.get(`${version}/workspaces/:id`, async (c) => c.json(await oneWorkspace(c, deps)))
    app.delete(`${version}/workspaces/:id`, async (c) => {
      await removeWorkspace(c, deps)
      return c.body(null, 204)
    })
  }
}

async function ownWorkspace(c: Context<ApiEnv>, deps: ApiDeps): Promise<WorkspaceBody> {
  const principal = await authorizeRequest(c, deps)
  const { id, name, mainId } = await existing(deps, principal.workspaceId)
  return { id, name, ...USER, scope: 'user', main: mainId }
}

async function usableWorkspaces(c: Context<ApiEnv>, deps: ApiDeps): Promise<UserWorkspacesBody> {
  const principal = await authorizeAdmin(c, deps)
  const onlyBranches = isOn(c.req.query('only_environments'))
  const withBranches = onlyBranches || isOn(c.req.query('with_environments'))
  const usable = await listUsable(deps, principal, withBranches)
  const shown = onlyBranches ? usable.filter((each) => each.mainId !== null) : usable
  const workspaces = await Promise.all(shown.map((each) => toItem(deps, each)))
  // There are no organizations; null is what clients take for "none".
  return { organization_id: null, workspaces }
}

async function listUsable(
  deps: ApiDeps,
  principal: Principal,
  withBranches: boolean,
): Promise<Workspace[]> {
  const mains = isServerAdmin(principal)
    ? await deps.catalog.listWorkspaces()
    : [await existing(deps, principal.workspaceId)]
  if (!withBranches) return mains
  const branches = await Promise.all(mains.map((main) => deps.catalog.listBranches(main.id)))
  return [...mains, ...branches.flat()]
}

async function createWorkspace(c: Context<ApiEnv>, deps: ApiDeps): Promise<NewWorkspaceBody> {
  const principal = await authorizeRequest(c, deps)
  if (!isServerAdmin(principal)) throw lacksScope('ADMIN_USER')
  const name = workspaceNameSchema.safeParse((await readParams(c)).values.get('name') ?? '')
  if (!name.success) {
    throw fault('request.invalid', {
      public:
        'Parameter "name" must be 1 to 128 letters, digits, "_", "-" or ".", beginning with a letter, digit or "_".',
    })
  }
  const { workspace, adminToken } = await addWorkspace(deps, { name: name.data })
  return { id: workspace.id, name: workspace.name, token: adminToken.value }
}

async function oneWorkspace(c: Context<ApiEnv>, deps: ApiDeps): Promise<WorkspaceItemBody> {
  const principal = await authorizeRequest(c, deps)
  const workspace = await workspaceForAdmin(deps, principal, c.req.param('id') ?? '')
  if (!isOn(c.req.query('with_token'))) return withoutToken(workspace)
  if (!isAdmin(principal)) throw lacksScope('ADMIN')
  return toItem(deps, workspace)
}

async function removeWorkspace(c: Context<ApiEnv>, deps: ApiDeps): Promise<void> {
  const principal = await authorizeRequest(c, deps)
  if (!isServerAdmin(principal)) throw lacksScope('ADMIN_USER')
  const workspace = await deps.catalog.findWorkspace(c.req.param('id') ?? '')
  if (workspace === null) throw workspaceMissing()
  const { values } = await readParams(c)
  const confirmed = values.get('hard_delete_confirmation') === 'yes'
  if (!confirmed && values.get('confirmation') !== workspace.name) {
    throw fault('request.invalid', {
      public: 'Removing a workspace removes its data. Confirm with hard_delete_confirmation=yes.',
    })
  }
  if (workspace.id === principal.workspaceId) {
    throw fault('request.conflict', {
      public: `Workspace "${workspace.name}" holds the tokens of this server and cannot be removed.`,
    })
  }
  await dropWorkspace(deps, workspace.id)
}

async function existing(deps: ApiDeps, id: string): Promise<Workspace> {
  const workspace = await deps.catalog.findWorkspace(id)
  if (workspace === null) throw workspaceMissing()
  return workspace
}

async function toItem(deps: ApiDeps, workspace: Workspace): Promise<WorkspaceItemBody> {
  const { value } = await deps.catalog.workspaceAdminToken(workspace.id)
  return { ...withoutToken(workspace), token: value }
}

function withoutToken({ id, name, mainId, createdAt }: Workspace): WorkspaceItemBody {
  return { id, name, role: 'admin', main: mainId, created_at: wireTime(createdAt) }
}
