// /v0/pipes/{p}/copy: runs a copy pipe, pauses and resumes its schedule, cancels its runs.
// Source: Tinybird copy pipes API reference and CLI, read 2026-11.
import { randomUUID } from 'node:crypto'

import type { CopyState, Job } from '@sandpiper/catalog'
import { copyDetails, JOB_TIMESTAMP, jobTimestamp, type CopyInput } from '@sandpiper/contracts'
import {
  copyOf,
  findDataSource,
  type DeployedDataSource,
  type DeployedPipe,
  type DeploymentMap,
  type PipeCopy,
} from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import {
  isAdmin,
  lacksScope,
  mayAppend,
  mayDrop,
  mayReadPipe,
  resourceDenied,
  type Principal,
} from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { readParams, type Params } from '../../read-params.ts'
import { jobBody, jobUrl } from '../jobs/job-body.ts'
import { findPipeFor } from './find-pipe-for.ts'
import { pipeBody } from './pipe-body.ts'

const PATH = '/v0/pipes/:name{[^/]+}/copy'

/** Adds the routes. */
export function copyRoutes(app: ApiApp, deps: ApiDeps): void {
  app.post(PATH, async (c) => c.json(await run(c, deps)))
  app.post(`${PATH}/pause`, async (c) => c.json(await setState(c, deps, 'paused')))
  app.post(`${PATH}/resume`, async (c) => c.json(await setState(c, deps, 'running')))
  app.post(`${PATH}/cancel`, async (c) => c.json(await cancel(c, deps)))
}

/** A copy pipe that the caller may run. */
interface Runnable {
  readonly workspaceId: string
  readonly map: DeploymentMap
  readonly pipe: DeployedPipe
  readonly copy: PipeCopy
  readonly target: DeployedDataSource
}

/** `POST /v0/pipes/{p}/copy?_mode=&<parameters>`: a job. */
async function run(c: Context<ApiEnv>, deps: ApiDeps): Promise<Record<string, unknown>> {
  const sent = await readParams(c)
  const { found, principal } = await requireCopy(c, deps)
  const { pipe, target, copy, workspaceId } = found
  const mode = modeOf(sent.values.get('_mode'), copy)
  if (!mayRun(principal, found, mode)) throw lacksRight(mode)
  const input: CopyInput = {
    ...{ pipeId: pipe.id, pipeName: pipe.file.name, mode, scheduledAt: null },
    ...{ dataSourceId: target.id, dataSourceName: target.file.name },
    params: { [JOB_TIMESTAMP]: jobTimestamp(deps.now()), ...templateParams(sent) },
    requestId: c.get('requestId'),
  }
  const job = await deps.jobs.enqueue({
    ...{ id: randomUUID(), kind: 'copy', workspaceId, input, details: copyDetails(input) },
  })
  return { ...(await described(deps, found)), ...jobFields(c, job) }
}

function jobFields(c: Context<ApiEnv>, job: Job): Record<string, unknown> {
  return { job: jobBody(c, job), job_id: job.id, job_url: jobUrl(c, job.id) }
}

/**
 * Whoever may read what the pipe gives and add it to the target may have it done, with the rights to remove rows for replacing. A JWT may
 * not: its fixed parameters say what it reads, not what it stores.
 */
export function mayRun(
  principal: Principal,
  { pipe, target }: { pipe: { id: string }; target: { id: string } },
  mode: CopyInput['mode'],
): boolean {
  if (isAdmin(principal)) return true
  return (
    principal.kind === 'static' &&
    mayReadPipe(principal, pipe.id) &&
    mayAppend(principal, target.id) &&
    (mode === 'append' || mayDrop(principal, target.id))
  )
}

function lacksRight(mode: CopyInput['mode']) {
  return lacksScope(mode === 'append' ? 'DATASOURCES:APPEND' : 'DATASOURCES:DROP')
}

function modeOf(text: string | null, copy: PipeCopy): CopyInput['mode'] {
  if (text === null || text === '') return copy.mode
  const mode = text.toLowerCase()
  if (mode === 'append' || mode === 'replace') return mode
  throw fault('request.invalid', {
    public: `_mode '${text.slice(0, 100)}' is not valid: use append or replace.`,
  })
}

/** What is not of the API itself; a name given twice is a list. */
function templateParams({ values, json }: Params): Record<string, unknown> {
  const params = new Map<string, unknown>()
  for (const name of new Set(values.keys())) {
    if (isReserved(name)) continue
    const all = values.getAll(name)
    params.set(name, all.length === 1 ? all[0] : all)
  }
  for (const [name, value] of Object.entries(json ?? {}))
    if (!isReserved(name)) params.set(name, value)
  return Object.fromEntries(params)
}

function isReserved(name: string): boolean {
  return name === 'token' || name.startsWith('_')
}

async function setState(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  state: CopyState,
): Promise<Record<string, unknown>> {
  const { found, principal } = await requireCopy(c, deps)
  if (!mayRun(principal, found, found.copy.mode)) throw lacksRight(found.copy.mode)
  if (found.copy.schedule === null)
    throw fault('request.invalid', {
      public: `The copy pipe '${found.pipe.file.name}' has no schedule: it runs on demand.`,
    })
  await storeState(deps, found, state)
  return described(deps, found)
}

/** Cancels what waits and runs, and pauses the schedule, as Tinybird does. */
async function cancel(c: Context<ApiEnv>, deps: ApiDeps): Promise<Record<string, unknown>> {
  const { found, principal } = await requireCopy(c, deps)
  if (!mayRun(principal, found, found.copy.mode)) throw lacksRight(found.copy.mode)
  const { workspaceId, pipe } = found
  // First the schedule: a run that comes between the two is cancelled too.
  await storeState(deps, found, 'cancelled')
  const jobs: Job[] = []
  for (const job of await deps.catalog.unfinishedCopies(workspaceId, pipe.id)) {
    const cancelled = await deps.jobs.cancel(workspaceId, job.id)
    if (cancelled !== null) jobs.push(cancelled)
  }
  return { ...(await described(deps, found)), jobs: jobs.map((job) => jobBody(c, job)) }
}

async function storeState(
  deps: ApiDeps,
  { workspaceId, pipe, copy }: Runnable,
  state: CopyState,
): Promise<void> {
  if (copy.schedule === null) return
  const at = new Date(deps.now()).toISOString()
  await deps.catalog.setCopyState({
    ...{ workspaceId, pipeId: pipe.id, schedule: copy.schedule, state, at },
  })
}

async function described(
  deps: ApiDeps,
  { workspaceId, map, pipe }: Runnable,
): Promise<Record<string, unknown>> {
  const states = await deps.catalog.copyStates(workspaceId)
  return pipeBody(map, pipe, [], states.get(pipe.id))
}

async function requireCopy(
  c: Context<ApiEnv>,
  deps: ApiDeps,
): Promise<{ readonly found: Runnable; readonly principal: Principal }> {
  const name = c.req.param('name') ?? ''
  const principal = await authorizeRequest(c, deps)
  const { map, pipe, workspaceId } = await findPipeFor(deps, principal, name)
  const copy = copyOf(pipe.file)
  if (copy === null)
    throw fault('request.invalid', { public: `The pipe '${pipe.file.name}' is not a copy pipe.` })
  const target = findDataSource(map, copy.target)
  if (target === undefined) throw resourceDenied(copy.target)
  return { found: { workspaceId, map, pipe, copy, target }, principal }
}
