import type { Catalog, Job, JobQueueStore } from '@sandpiper/catalog'
import type { TicketHandlers, TicketQueue } from '@sandpiper/queue'
import type { JobOp, Logger, OpsLog } from '@sandpiper/telemetry'

import type { JobsCounters } from './counters.ts'

/** Exactly what running jobs takes; built in main.ts of the process that hosts them. */
export interface JobsDeps {
  readonly catalog: JobQueueStore & Pick<Catalog, 'findJob' | 'jobNotes'>
  /** Called by the first use. */
  readonly openQueue: (handlers: TicketHandlers) => Promise<TicketQueue>
  readonly ops: OpsLog
  readonly logger: Logger
  readonly counters: JobsCounters
  /** Unix milliseconds. */
  readonly now: () => number
  /** UUIDs. */
  readonly newId: () => string
  /** At least 0, below 1. */
  readonly random: () => number
}

/** A row of the jobs log. */
export function opOf(job: Job): JobOp {
  const { pipe_id: pipeId, pipe_name: pipeName } = job.details
  return {
    workspaceId: job.workspaceId,
    jobId: job.id,
    jobType: job.kind,
    status: job.status,
    error: job.error,
    createdAtMs: Date.parse(job.createdAt),
    startedAtMs: job.startedAt === null ? null : Date.parse(job.startedAt),
    updatedAtMs: Date.parse(job.updatedAt),
    ...(typeof pipeId === 'string' ? { pipeId } : {}),
    ...(typeof pipeName === 'string' ? { pipeName } : {}),
    metadata: job.details,
  }
}
