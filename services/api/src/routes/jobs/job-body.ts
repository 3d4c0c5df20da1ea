import type { Job } from '@sandpiper/catalog'
import { wireTime, type JobBody } from '@sandpiper/contracts'
import type { Context } from 'hono'

import type { ApiEnv } from '../../app.ts'

/** Where a job can be polled, at the address the caller used. */
export function jobUrl(c: Context<ApiEnv>, id: string): string {
  return `${new URL(c.req.url).origin}/v0/jobs/${id}`
}

/** A job as the wire has it; members of its kind first, so that they cannot hide the common ones. */
export function jobBody(c: Context<ApiEnv>, job: Job): JobBody {
  return {
    ...job.details,
    id: job.id,
    job_id: job.id,
    kind: job.kind,
    status: job.status,
    created_at: wireTime(job.createdAt),
    updated_at: wireTime(job.updatedAt),
    started_at: wireTime(job.createdAt),
    job_url: jobUrl(c, job.id),
    is_cancellable: false,
    ...(job.error === null ? {} : { error: job.error }),
  }
}
