// Copies inside the all-in-one: results lie in the spool until their rows are in the event log; the clock of their schedules runs here.
import { join } from 'node:path'

import { deployerOf, type ApiDeps } from '@sandpiper/api'
import { createGate, type FairSlots } from '@sandpiper/clickhouse'
import type { IdempotentLog } from '@sandpiper/idempotency'
import {
  createCopies,
  createCopyCounters,
  createImportFolder,
  createSchedules,
  populationKind,
  type Copies,
  type CopyCounters,
  type JobKind,
  type Schedules,
} from '@sandpiper/jobs'

import type { Config } from './config.ts'
import { copyQueryLimits } from './host-queries.ts'

export interface HostedCopies extends Copies {
  readonly populationKind: JobKind
  readonly counters: CopyCounters
  readonly schedules: Schedules
}

type Work = Pick<ApiDeps, 'catalog' | 'clickhouse' | 'log' | 'logger' | 'ops' | 'now'>

/** @param api built later, with the jobs in it. */
export function hostCopies(
  work: Work & { readonly keys: IdempotentLog; readonly slots: FairSlots },
  spool: string,
  config: Config,
  api: () => ApiDeps,
): HostedCopies {
  const { seconds, bytesMax } = config.copies
  const { freeBytesMin, receivingMax } = config.imports
  const counters = createCopyCounters()
  const copies = createCopies({
    ...work,
    ...{ keyed: work.keys, counters, gauge: { bytes: 0, highest: 0 } },
    gate: createGate(work.clickhouse),
    folder: createImportFolder(join(spool, 'copies'), { bytesMax, freeBytesMin, receivingMax }),
    replacements: {
      finished: (job) => deployerOf(api()).replacements.finished(job),
      begin: (request, signal) => deployerOf(api()).replacements.begin(request, signal),
    },
    keysKeptMs: config.keyRetention.ageMsMax,
    limits: { seconds, bytesMax, query: copyQueryLimits(config) },
  })
  const schedules = createSchedules({
    ...{ ...work, counters },
    jobs: { enqueue: (request) => api().jobs.enqueue(request) },
  })
  const populations = populationKind({
    ...work,
    populations: {
      run: (request, signal, tell) => deployerOf(api()).populations.run(request, signal, tell),
    },
  })
  return { ...copies, counters, schedules, populationKind: populations }
}
