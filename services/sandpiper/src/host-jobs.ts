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
import { createOutbound } from '@sandpiper/outbound'
import { openTicketQueue } from '@sandpiper/queue'

import type { Config } from './config.ts'

/** Makes them; nothing is opened before the first job. */
export function hostJobs(
  work: Omit<KindDeps, 'outbound'>,
  catalogUrl: string,
  config: Pick<Config, 'jobs' | 'importPrivateHosts'>,
  kinds: readonly JobKind[],
  counters: JobsCounters,
): Jobs {
  const { runningMax, waitingMax, historyHours } = config.jobs
  const outbound = createOutbound({ privateHosts: config.importPrivateHosts })
  const deps: KindDeps = { ...work, outbound }
  return createJobs(
    {
      ...work,
      openQueue: (handlers) =>
        openTicketQueue({ postgres: catalogUrl, concurrency: runningMax }, handlers),
      counters,
      newId: randomUUID,
      random: Math.random,
    },
    [...allKinds(deps), ...kinds],
    { waitingMax, keepHours: historyHours },
  )
}
