// What runs, or ran, on behalf of a workspace. Always looked up by (workspace, id): a job of another workspace is not found.
import type { Job, JobStatus } from '@sandpiper/catalog'
import { jobSchema, type JobBody, type JobListBody } from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import { isAdmin, mayAppend, mayDrop, mayReplay, type Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeAdmin, authorizeRequest } from '../../authorize.ts'
import { mayRun } from '../pipes/copy-pipe.ts'
import { jobBody } from './job-body.ts'

/** Finished jobs are shown this long, at most 100 of them. Source: Tinybird jobs API reference, read 2026-11. */
const HISTORY_HOURS = 48

/** `/v0/jobs[/{id}[/cancel]]`. The list needs ADMIN; one job any token of the workspace that was told its id; cancelling the right to do what it does. */
export function jobRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/jobs', async (c) => c.json(await listJobs(c, deps)))
  app.get('/v0/jobs/:id', async (c) => c.json(await oneJob(c, deps)))
  app.post('/v0/jobs/:id/cancel', async (c) => c.json(await cancelJob(c, deps)))
}

async function listJobs(c: Context<ApiEnv>, deps: ApiDeps): Promise<JobListBody> {
  const principal = await authorizeAdmin(c, deps)
  const status = statusOf(c.req.query('status'))
  const kind = c.req.query('kind')
  const hours = deps.config.jobHistoryHours ?? HISTORY_HOURS
  const jobs = await deps.catalog.listJobs(principal.workspaceId, {
    since: new Date(deps.now() - hours * 3_600_000).toISOString(),
    ...(status === undefined ? {} : { status }),
    ...(kind === undefined ? {} : { kind }),
  })
  return { jobs: jobs.map((job) => jobBody(c, job)) }
}

function statusOf(text: string | undefined): JobStatus | undefined {
  if (text === undefined) return undefined
  const status = jobSchema.shape.status.safeParse(text)
  // What is being cancelled is at work.
  if (status.success) return status.data === 'cancelling' ? 'working' : status.data
  throw fault('request.invalid', {
    public: `Unknown status. Known ones: ${jobSchema.shape.status.options.join(', ')}.`,
  })
}

async function oneJob(c: Context<ApiEnv>, deps: ApiDeps): Promise<JobBody> {
  const principal = await authorizeRequest(c, deps)
  const job = await findJob(c, deps, principal)
  const wanted = (c.req.query('debug') ?? '').split(',').map((each) => each.trim())
  if (!wanted.includes('blocks') && !wanted.includes('block_log')) return jobBody(c, job)
  const notes = await deps.catalog.jobNotes(principal.workspaceId, job.id)
  return jobBody(c, job, {
    ...(wanted.includes('blocks') ? { blocks: notes?.blocks ?? [] } : {}),
    ...(wanted.includes('block_log') ? { log: notes?.log ?? [] } : {}),
  })
}

async function cancelJob(c: Context<ApiEnv>, deps: ApiDeps): Promise<JobBody> {
  const principal = await authorizeRequest(c, deps)
  const job = await findJob(c, deps, principal)
  if (!mayCancel(principal, job))
    throw fault('auth.denied', { public: 'The token may not cancel this job.' })
  const cancelled = await deps.jobs.cancel(principal.workspaceId, job.id)
  if (cancelled === null) throw jobMissing()
  // Also when it ended between the two looks; one that is being cancelled already is answered as the first time.
  if (cancelled.cancelRequested || cancelled.status === 'cancelled') return jobBody(c, cancelled)
  throw fault('request.invalid', {
    public: `The job is not in a cancellable status: it is '${cancelled.status}'.`,
  })
}

async function findJob(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  { workspaceId }: Principal,
): Promise<Job> {
  const job = await deps.catalog.findJob(workspaceId, c.req.param('id') ?? '')
  if (job === null) throw jobMissing()
  return job
}

function jobMissing() {
  return fault('resource.missing', { public: 'Job not found' })
}

/** Whoever could have started it may stop it; a token in a web page that may only append may not. */
function mayCancel(principal: Principal, { kind, details }: Job): boolean {
  if (isAdmin(principal)) return true
  const id = dataSourceIdOf(details)
  if (id === null) return false
  if (kind === 'quarantine_replay') return mayReplay(principal, id)
  if (principal.kind !== 'static') return false
  if (kind === 'delete_data') return mayDrop(principal, id)
  if (kind === 'copy') {
    const pipe = { id: String(details['pipe_id']) }
    return mayRun(principal, { pipe, target: { id } }, isReplace(details) ? 'replace' : 'append')
  }
  return kind === 'import' && mayAppend(principal, id)
}

function isReplace(details: Job['details']): boolean {
  return details['mode'] === 'replace'
}

function dataSourceIdOf({ datasource }: Job['details']): string | null {
  const hasId = typeof datasource === 'object' && datasource !== null && 'id' in datasource
  return hasId && typeof datasource.id === 'string' ? datasource.id : null
}
