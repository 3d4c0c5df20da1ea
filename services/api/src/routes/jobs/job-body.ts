import type { Job, JobNote } from '@sandpiper/catalog'
import { wireTime, type JobBody } from '@sandpiper/contracts'
import type { Context } from 'hono'

import type { ApiEnv } from '../../app.ts'

/** Where a job can be polled, at the address the caller used. */
export function jobUrl(c: Context<ApiEnv>, id: string): string {
  return `${new URL(c.req.url).origin}/v0/jobs/${id}`
}

/** A job as the wire has it; members of its kind first, so that they cannot hide the common ones. */
export function jobBody(
  c: Context<ApiEnv>,
  job: Job,
  notes: Partial<Pick<JobNote, 'blocks' | 'log'>> = {},
): JobBody {
  const isOver = job.status !== 'waiting' && job.status !== 'working'
  // Work that was done at once has no start of its own.
  const startedAt = job.startedAt ?? (isOver && job.attempt === 0 ? job.createdAt : null)
  return {
    ...job.details,
    id: job.id,
    job_id: job.id,
    kind: job.kind,
    status: job.status === 'working' && job.cancelRequested ? 'cancelling' : job.status,
    created_at: wireTime(job.createdAt),
    updated_at: wireTime(job.updatedAt),
    started_at: startedAt === null ? null : wireTime(startedAt),
    job_url: jobUrl(c, job.id),
    is_cancellable: !isOver && !job.cancelRequested,
    ...(job.progress === null ? {} : { progress_percentage: job.progress }),
    ...(job.statistics === null ? {} : { statistics: job.statistics }),
    ...(job.error === null ? {} : { error: job.error, errors: [job.error] }),
    ...(notes.blocks === undefined ? {} : { blocks: [...notes.blocks] }),
    ...(notes.log === undefined ? {} : { block_log: [...notes.log] }),
  }
}
