// Branches ("environments" on the wire): workspaces with a parent. Made empty and at once; the job clients poll is done already.
import type { Workspace } from '@sandpiper/catalog'
import {
  environmentNameSchema,
  wireTime,
  type EnvironmentBody,
  type EnvironmentListBody,
  type NewEnvironmentBody,
} from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'
import { VERSIONS } from '../../versions.ts'
import { isOn, readParams } from '../../read-params.ts'
import { jobUrl } from '../jobs/job-body.ts'
import { addWorkspace, dropWorkspace } from '../workspaces/workspace-lifecycle.ts'

/** `/v0|v1/environments[/{name}]`. Every call needs an ADMIN token of the main workspace: a branch knows nothing of its siblings. */
export function environmentRoutes(app: ApiApp, deps: ApiDeps): void {
  for (const version of VERSIONS) {
    app.get(`${version}/environments`, async (c) => c.json(await listBranches(c, deps)))
    app.post(`${version}/environments`, async (c) => c.json(await createBranch(c, deps)))
    app.get(`${version}/environments/:name`, async (c) => c.json(await oneBranch(c, deps)))
    app.delete(`${version}/environments/:id`, async (c) => {
      await removeBranch(c, deps)
      return c.body(null, 204)
    })
  }
}

async function listBranches(c: Context<ApiEnv>, deps: ApiDeps): Promise<EnvironmentListBody> {
  const main = await requireMain(c, deps)
  const branches = await deps.catalog.listBranches(main.id)
  const withToken = isOn(c.req.query('with_token'))
  return { environments: await Promise.all(branches.map((each) => toBody(deps, each, withToken))) }
}

async function createBranch(c: Context<ApiEnv>, deps: ApiDeps): Promise<NewEnvironmentBody> {
  const main = await requireMain(c, deps)
  const { values } = await readParams(c)
  refuseData(values)
  const name = environmentNameSchema.safeParse(values.get('name') ?? '')
  if (!name.success) {
    throw fault('request.invalid', {
      public: 'Parameter "name" must be 1 to 128 letters, digits or "_".',
    })
  }
  const { workspace: branch } = await addWorkspace(deps, { name: name.data, mainId: main.id })
  const at = new Date(deps.now()).toISOString()
  await deps.catalog.putJob({
    // One branch, one job: the id of the one serves the other.
    id: branch.id,
    workspaceId: main.id,
    kind: 'data_branch',
    status: 'done',
    error: null,
    details: { branch_workspace: branch.id, branch_name: branch.name },
    createdAt: at,
    updatedAt: at,
  })
  return {
    job: { id: branch.id, status: 'done', job_url: jobUrl(c, branch.id) },
    workspace: { id: branch.id },
  }
}

/** Before anything is made: a branch without the data it was asked for would look like one with it. */
function refuseData(values: URLSearchParams): void {
  const data = values.get('data')
  if (data === null || data === '' || data === 'none') return
  throw fault('request.invalid', {
    public: `Branches cannot be created with data yet (data=${data.slice(0, 40)}). Create the branch without it and append rows, or load fixtures.`,
  })
}

async function oneBranch(c: Context<ApiEnv>, deps: ApiDeps): Promise<EnvironmentBody> {
  const main = await requireMain(c, deps)
  const wanted = c.req.param('name') ?? ''
  const branches = await deps.catalog.listBranches(main.id)
  const branch =
    branches.find((each) => each.name === wanted) ?? branches.find((each) => each.id === wanted)
  if (branch === undefined) throw branchMissing(wanted)
  return toBody(deps, branch, isOn(c.req.query('with_token')))
}

async function removeBranch(c: Context<ApiEnv>, deps: ApiDeps): Promise<void> {
  const main = await requireMain(c, deps)
  const id = c.req.param('id') ?? ''
  const branches = await deps.catalog.listBranches(main.id)
  if (!branches.some((each) => each.id === id)) throw branchMissing(id)
  await dropWorkspace(deps, id)
}

async function requireMain(c: Context<ApiEnv>, deps: ApiDeps): Promise<Workspace> {
  const principal = await authorizeAdmin(c, deps)
  const workspace = await deps.catalog.findWorkspace(principal.workspaceId)
  if (workspace === null) throw fault('resource.missing', { public: 'Workspace not found' })
  if (workspace.mainId !== null) {
    throw fault('auth.denied', {
      public: `"${workspace.name}" is a branch. Use a token of its main workspace.`,
    })
  }
  return workspace
}

async function toBody(
  deps: ApiDeps,
  branch: Workspace,
  withToken: boolean,
): Promise<EnvironmentBody> {
  const { id, name, createdAt, mainId } = branch
  const body = { id, name, created_at: wireTime(createdAt), main: mainId ?? '' }
  return withToken ? { ...body, token: (await deps.catalog.workspaceAdminToken(id)).value } : body
}

function branchMissing(name: string): Error {
  return fault('resource.missing', { public: `Environment '${name.slice(0, 128)}' not found` })
}
