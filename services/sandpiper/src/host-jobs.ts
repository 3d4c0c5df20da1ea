// Jobs inside the all-in-one: one process runs all of them, with tickets in the catalog's Postgres.
import { randomUUID } from 'node:crypto'
import {
  allKinds,
  createJobs,
  type JobKind,
  type Jobs,
  type JobsCounters,
  type KindDeps,
} from '@sandpiper/jobs'
import { openTicketQueue } from '@sandpiper/queue'

import type { Config } from './config.ts'

/** Makes them; nothing is opened before the first job. */
export function hostJobs(
  work: KindDeps,
  catalogUrl: string,
  config: Pick<Config, 'jobs'>,
  kinds: readonly JobKind[],
  counters: JobsCounters,
): Jobs {
  const { runningMax, waitingMax, historyHours } = config.jobs
  return createJobs(
    {
      ...work,
      openQueue: (handlers) =>
        openTicketQueue({ postgres: catalogUrl, concurrency: runningMax }, handlers),
      counters,
      newId: randomUUID,
      random: Math.random,
    },
    [...allKinds(work), ...kinds],
    { waitingMax, keepHours: historyHours },
  )
}
