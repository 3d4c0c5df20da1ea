// Jobs on a real Postgres for tests. "Processes" here are several createJobs() over one catalog; one that dies stops storing.
import { randomUUID } from 'node:crypto'
import { createCatalog, type Catalog } from '@sandpiper/catalog'
import { openTicketQueue } from '@sandpiper/queue'
import { createLogger, type JobOp } from '@sandpiper/telemetry'
import { startCatalog, type TestPostgres } from '@sandpiper/testkit'

import { createJobsCounters, type JobsCounters } from '../counters.ts'
import { createJobs, type Jobs } from '../create-jobs.ts'
import type { JobKind } from '../job-kind.ts'
import type { JobsDeps } from '../jobs-deps.ts'
import type { JobsOptions } from '../jobs-options.ts'

interface TestJobs {
  readonly jobs: Jobs
  readonly counters: JobsCounters
  /** What was told to the jobs log. */
  readonly ops: JobOp[]
}

export interface JobsBench {
  readonly catalog: Catalog
  readonly postgres: TestPostgres
  workspace(): Promise<string>
  /** One more process; closed by stop(). Not started. */
  process(
    kinds: readonly JobKind[],
    options?: JobsOptions & { deps?: Partial<JobsDeps>; concurrency?: number; redisUrl?: string },
  ): TestJobs
  /** Closes the processes: tickets of the next test are not for them. */
  closeAll(): Promise<void>
  stop(): Promise<void>
}

const silent = createLogger({ service: 'test', level: 'silent' })

export async function startJobsBench(): Promise<JobsBench> {
  const { catalog, postgres, stop } = await startCatalog(createCatalog)
  const opened: Jobs[] = []
  const closeAll = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((jobs) => jobs.close()))
  }
  return {
    catalog,
    postgres,
    workspace: async () =>
      (await catalog.createWorkspace({ name: `w_${randomUUID()}` })).workspace.id,
    process(kinds, { deps, concurrency = 4, redisUrl, ...options } = {}) {
      const ops: JobOp[] = []
      const counters = createJobsCounters()
      const jobs = createJobs(
        {
          catalog,
          openQueue: (handlers) =>
            openTicketQueue(
              {
                postgres: postgres.connection,
                concurrency,
                isShared: options.beside !== undefined,
                ...(redisUrl === undefined
                  ? {}
                  : { redis: { place: { url: redisUrl }, logger: silent } }),
              },
              handlers,
            ),
          ops: {
            job: (row) => ops.push(row),
            block: () => undefined,
            dataSourceOp: () => undefined,
            request: () => undefined,
            kafka: () => undefined,
          },
          logger: silent,
          counters,
          now: Date.now,
          newId: randomUUID,
          random: () => 0,
          ...deps,
        },
        kinds,
        options,
      )
      opened.push(jobs)
      return { jobs, counters, ops }
    },
    closeAll,
    async stop() {
      await closeAll()
      await stop()
    },
  }
}
