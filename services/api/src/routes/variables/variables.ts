// Secrets of a workspace or branch. A value goes in and never comes out: only tb_secret() reads it.
import type { VariableRecord } from '@sandpiper/catalog'
import {
  VARIABLE_BYTES_MAX,
  variableNameSchema,
  wireTime,
  type VariableBody,
  type VariableListBody,
} from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import {
  createRequestQuota,
  refuseAbove,
  type Principal,
  type RequestQuota,
} from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'
import { readParams, type Params } from '../../read-params.ts'

/** Requests a second of one workspace. Source: Tinybird environment variables API, read 2026-11. */
const REQUESTS_PER_SECOND = 5

/** `/v0/variables[/{name}]`. Needs ADMIN. */
export function variableRoutes(app: ApiApp, deps: ApiDeps): void {
  const quota = createRequestQuota(() => performance.now())
  const open = async (c: Context<ApiEnv>): Promise<Principal> => admit(c, deps, quota)
  app.get('/v0/variables', async (c) => c.json(await list(deps, await open(c))))
  app.post('/v0/variables', async (c) => c.json(await create(c, deps, await open(c))))
  app.get('/v0/variables/:name', async (c) => c.json(await one(c, deps, await open(c))))
  app.put('/v0/variables/:name', async (c) => c.json(await change(c, deps, await open(c))))
  app.delete('/v0/variables/:name', async (c) => c.json(await remove(c, deps, await open(c))))
}

async function admit(c: Context<ApiEnv>, deps: ApiDeps, quota: RequestQuota): Promise<Principal> {
  const principal = await authorizeAdmin(c, deps)
  refuseAbove(quota.take(principal.workspaceId, REQUESTS_PER_SECOND), 'The Variables API')
  return principal
}

async function list(deps: ApiDeps, { workspaceId }: Principal): Promise<VariableListBody> {
  return { variables: (await deps.catalog.listVariables(workspaceId)).map(bodyOf) }
}

async function create(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  { workspaceId, tokenName }: Principal,
): Promise<VariableBody> {
  const params = await readVariable(c)
  const name = checkedName(params.values.get('name') ?? '')
  const value = readValue(params)
  const input = { workspaceId, name, value, editedBy: tokenName }
  return bodyOf(await deps.catalog.createVariable(input))
}

async function one(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  { workspaceId }: Principal,
): Promise<VariableBody> {
  const name = nameInPath(c)
  const found = await deps.catalog.listVariables(workspaceId)
  const variable = found.find((each) => each.name === name)
  if (variable === undefined) throw missing(name)
  return bodyOf(variable)
}

async function change(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  { workspaceId, tokenName }: Principal,
): Promise<VariableBody> {
  const name = nameInPath(c)
  const value = readValue(await readVariable(c))
  const input = { workspaceId, name, value, editedBy: tokenName }
  const changed = await deps.catalog.updateVariable(input)
  if (changed === null) throw missing(name)
  return bodyOf(changed)
}

async function remove(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  { workspaceId }: Principal,
): Promise<{ ok: boolean }> {
  const name = nameInPath(c)
  if (!(await deps.catalog.removeVariable(workspaceId, name))) throw missing(name)
  return { ok: true }
}

/** URLs stand in logs, of proxies too: a value is taken from the body alone. */
async function readVariable(c: Context<ApiEnv>): Promise<Params> {
  if (new URL(c.req.url).searchParams.has('value')) {
    throw invalid('Send "value" in the body, as a form or JSON: a URL is written to logs.')
  }
  const params = await readParams(c)
  const type = params.values.get('type')
  if (type !== null && type !== 'secret') throw invalid('Parameter "type" must be "secret".')
  return params
}

function readValue({ values }: Params): string {
  const value = values.get('value')
  if (value === null) throw invalid('Parameter "value" is missing.')
  if (Buffer.byteLength(value) > VARIABLE_BYTES_MAX || value.includes('\0')) {
    throw invalid(`Parameter "value" has at most ${VARIABLE_BYTES_MAX} bytes, and none that is 0.`)
  }
  return value
}

function checkedName(name: string): string {
  if (variableNameSchema.safeParse(name).success) return name
  throw invalid(
    'Parameter "name" must be 1 to 128 letters, digits or "_", and not begin with a digit.',
  )
}

function nameInPath(c: Context<ApiEnv>): string {
  return c.req.param('name') ?? ''
}

function invalid(text: string): Error {
  return fault('request.invalid', { public: text })
}

function missing(name: string): Error {
  return fault('resource.missing', { public: `Variable '${name.slice(0, 128)}' not found` })
}

function bodyOf({ name, createdAt, updatedAt, editedBy }: VariableRecord): VariableBody {
  return {
    name,
    type: 'secret',
    created_at: wireTime(createdAt),
    updated_at: wireTime(updatedAt),
    edited_by: editedBy,
  }
}
