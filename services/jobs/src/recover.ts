import type { Job } from '@sandpiper/catalog'

import type { JobKind } from './job-kind.ts'
import type { JobsDeps } from './jobs-deps.ts'
import { count, INTERRUPTED } from './run-job.ts'

/** Runs of one job in all, also of a kind that is not known any more. */
const ATTEMPTS_MAX = 5

/**
 * Finds the jobs that were at work when their process died: puts back what may be run again, ends the rest. Without
 * `silentMs` call it once at start, when no other process runs jobs of this catalog; with it, of processes that were silent for so long.
 * @throws faults of the catalog; call again then.
 */
export async function recoverJobs(
  deps: JobsDeps,
  kinds: ReadonlyMap<string, JobKind>,
  runner: string,
  tell: (job: Job) => void,
  silentMs?: number,
): Promise<void> {
  for (const job of await deps.catalog.jobsOfOthers(runner, silentMs)) {
    const at = new Date(deps.now()).toISOString()
    const kind = kinds.get(job.kind)
    const attemptsMax = kind?.attemptsMax ?? ATTEMPTS_MAX
    const mayRun = kind?.isRerunnable === true && job.attempt + 1 < attemptsMax
    const settled =
      mayRun || job.cancelRequested
        ? await deps.catalog.requeueJob(job, { notBefore: null, error: null, at })
        : await deps.catalog.endJob(job, {
            status: 'error',
            error: INTERRUPTED,
            note: {
              ...job,
              blocks: [],
              log: [],
              ...(await deps.catalog.jobNotes(job.workspaceId, job.id)),
            },
            at,
          })
    if (settled === null) continue
    deps.counters.recovered++
    count(deps, settled.status)
    tell(settled)
  }
}
