// Jobs inside the all-in-one: one process runs all of them, with tickets in the catalog's Postgres.
import { randomUUID } from 'node:crypto'
import { allKinds, createJobs, createJobsCounters, type Jobs, type KindDeps } from '@sandpiper/jobs'
import { openTicketQueue } from '@sandpiper/queue'

/** Jobs at work at once, of all workspaces. */
const RUNNING_MAX = 4

/** Makes them; nothing is opened before the first job. */
export function hostJobs(deps: KindDeps, catalogUrl: string): Jobs {
  return createJobs(
    {
      ...deps,
      openQueue: (handlers) =>
        openTicketQueue({ postgres: catalogUrl, concurrency: RUNNING_MAX }, handlers),
      counters: createJobsCounters(),
      newId: randomUUID,
      random: Math.random,
    },
    allKinds(deps),
  )
}
