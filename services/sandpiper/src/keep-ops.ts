// The service data sources: rows of this process and of the writer, and snapshots of what is stored.
import { createStorageSnapshots, hostOps, type OpsHost } from '@sandpiper/api'
import type { Catalog } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { EventLog } from '@sandpiper/eventlog'
import type { Logger } from '@sandpiper/telemetry'

import type { Closing } from './closing.ts'
import { createWriterQuestions, type WriterQuestions } from './metrics/ask-writer.ts'
import { hearNotes } from './metrics/host-metrics.ts'

/** Starts keeping them. `questions` ask the writer, whose notes come the same way as its rows. */
export function keepOps(
  deps: { log: EventLog; catalog: Catalog; clickhouse: ClickHouse; logger: Logger },
  storageSeconds: number,
  closing: Closing,
): { ops: OpsHost; questions: WriterQuestions } {
  const { log } = deps
  const ops = hostOps({ ...deps, now: Date.now })
  const questions = createWriterQuestions(log)
  hearNotes(log, ops, questions)
  closing.add('ops log', 200, async () => {
    await ops.requests.close()
    await ops.buffer.close()
  })
  const snapshots = createStorageSnapshots(
    {
      ...{ ...deps, now: Date.now },
      activity: () => ops.buffer.counters.taken + log.durable(),
      take: (row) => {
        ops.buffer.add(row)
      },
    },
    storageSeconds * 1_000,
  )
  closing.add('storage snapshots', 10, () => {
    snapshots.close()
  })
  return { ops, questions }
}
