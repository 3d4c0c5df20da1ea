// Jobs inside the all-in-one: with tickets in Redis where there is one, so that other processes may run some, else in the catalog's Postgres, and
// then one process runs all of them.
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
  config: Pick<Config, 'jobs' | 'redis'>,
  kinds: readonly JobKind[],
  counters: JobsCounters,
): Jobs {
  const { runningMax, waitingMax, historyHours } = config.jobs
  const isShared = config.redis !== null
  const place = config.redis === null ? {} : { redis: { place: config.redis, logger: work.logger } }
  return createJobs(
    {
      ...work,
      openQueue: (handlers) =>
        openTicketQueue(
          { postgres: catalogUrl, concurrency: runningMax, isShared, ...place },
          handlers,
        ),
      counters,
      newId: randomUUID,
      random: Math.random,
    },
    [...allKinds(work), ...kinds],
    { waitingMax, keepHours: historyHours, ...(isShared ? { beside: {} } : {}) },
  )
}
