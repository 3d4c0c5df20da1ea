// Everything /metrics needs, in the order the start has it: first what is counted from the very first moment, then where it is read.
import type { EventLog } from '@sandpiper/eventlog'
import {
  createIngestCounters,
  createKafkaCounters,
  type IngestCounters,
  type KafkaCounters,
} from '@sandpiper/ingest'
import { createJobsCounters, type JobsCounters } from '@sandpiper/jobs'
import { createHistogram, type Histogram } from '@sandpiper/telemetry'

import { createHttpMetrics, type HttpMetrics } from './http-metrics.ts'

/** What is counted while the server starts and runs. */
export interface HostCounters {
  readonly http: HttpMetrics
  readonly ingest: IngestCounters
  readonly kafka: KafkaCounters
  readonly jobs: JobsCounters
  readonly syncs: Histogram
  readonly damage: Map<string, number>
  /** What the log tells about itself. */
  readonly logWatch: {
    readonly onSync: (seconds: number) => void
    readonly onDamage: (reason: string) => void
  }
}

/** All zero. */
export function createHostCounters(monotonicMs: () => number): HostCounters {
  const syncs = createHistogram()
  const damage = new Map<string, number>([
    ['unreadable', 0],
    ['missing', 0],
    ['body', 0],
  ])
  return {
    http: createHttpMetrics(monotonicMs),
    ingest: createIngestCounters(),
    kafka: createKafkaCounters(),
    jobs: createJobsCounters(),
    syncs,
    damage,
    logWatch: {
      onSync: (seconds) => {
        syncs.observe(seconds)
      },
      onDamage: (reason) => {
        damage.set(reason, (damage.get(reason) ?? 0) + 1)
      },
    },
  }
}

/** Hands each note of the writer to the first who knows it. */
export function hearNotes(
  log: Pick<EventLog, 'onNote'>,
  ...listeners: readonly { receive(note: unknown): boolean }[]
): void {
  log.onNote((note) => {
    listeners.some((listener) => listener.receive(note))
  })
}
