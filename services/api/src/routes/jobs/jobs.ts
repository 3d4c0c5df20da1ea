// What runs, or ran, on behalf of a workspace. Always looked up by (workspace, id): a job of another workspace is not found.
import { jobSchema, type JobBody, type JobListBody } from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeAdmin, authorizeRequest } from '../../authorize.ts'
import { jobBody } from './job-body.ts'

/** `/v0/jobs[/{id}]`. The list needs ADMIN; one job any token of the workspace that was told its id. */
export function jobRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/jobs', async (c) => c.json(await listJobs(c, deps)))
  app.get('/v0/jobs/:id', async (c) => c.json(await oneJob(c, deps)))
}

async function listJobs(c: Context<ApiEnv>, deps: ApiDeps): Promise<JobListBody> {
  const principal = await authorizeAdmin(c, deps)
  const status = c.req.query('status')
  const kind = c.req.query('kind')
  if (status !== undefined && !jobSchema.shape.status.safeParse(status).success) {
    throw fault('request.invalid', {
      public: `Unknown status. Known ones: ${jobSchema.shape.status.options.join(', ')}.`,
    })
  }
  const jobs = await deps.catalog.listJobs(principal.workspaceId)
  const wanted = jobs.filter(
    (job) => (status ?? job.status) === job.status && (kind ?? job.kind) === job.kind,
  )
  return { jobs: wanted.map((job) => jobBody(c, job)) }
}

async function oneJob(c: Context<ApiEnv>, deps: ApiDeps): Promise<JobBody> {
  const principal = await authorizeRequest(c, deps)
  const job = await deps.catalog.findJob(principal.workspaceId, c.req.param('id') ?? '')
  if (job === null) throw fault('resource.missing', { public: 'Job not found' })
  return jobBody(c, job)
}
