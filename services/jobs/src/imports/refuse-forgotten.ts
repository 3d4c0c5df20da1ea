import type { Catalog } from '@sandpiper/catalog'
import { fault } from '@sandpiper/faults'

import type { JobContext } from '../job-kind.ts'

const DAY_MS = 86_400_000

/** What tells whether chunks of a job may be forgotten. */
export interface Remembering {
  readonly catalog: Pick<Catalog, 'findJob'>
  /** Milliseconds that keys of chunks are remembered; default 7 days. */
  readonly keysKeptMs?: number
  /** Unix milliseconds. */
  readonly now: () => number
}

/**
 * Ends a job that was first taken up so long ago that chunks it has appended may be forgotten: appended again they would be there twice.
 * @throws fault `request.invalid`.
 */
export async function refuseForgotten(
  { catalog, now, keysKeptMs = 7 * DAY_MS }: Remembering,
  { workspaceId, jobId }: Pick<JobContext, 'workspaceId' | 'jobId'>,
): Promise<void> {
  const startedAt = (await catalog.findJob(workspaceId, jobId))?.startedAt ?? null
  if (startedAt === null || now() - Date.parse(startedAt) < keysKeptMs) return
  throw fault('request.invalid', {
    public: `The job was cut off, and cannot go on: it was begun at ${startedAt}, and which of its rows are stored is known for ${Math.round(keysKeptMs / 36_000) / 100} hours (SANDPIPER_IDEMPOTENCY_HOURS). Some of its rows may be there: remove them before you run it again.`,
  })
}
