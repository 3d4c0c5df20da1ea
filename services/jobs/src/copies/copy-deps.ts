import type { Catalog } from '@sandpiper/catalog'
import type { ClickHouse, FairSlots, Gate, QueryLimits } from '@sandpiper/clickhouse'
import type { Replacements } from '@sandpiper/contracts'
import type { Column } from '@sandpiper/datafile'
import type { EventLog } from '@sandpiper/eventlog'
import type { IdempotentLog } from '@sandpiper/idempotency'
import type { Logger, OpsLog } from '@sandpiper/telemetry'

import type { BufferGauge } from '../imports/chunks.ts'
import type { ImportCounters } from '../imports/import-deps.ts'
import type { ImportFolder } from '../imports/import-folder.ts'

/** Exactly what copies use. */
export interface CopyDeps {
  readonly catalog: Pick<
    Catalog,
    'liveMap' | 'secretsOf' | 'findJob' | 'schema' | 'workspaceLimits'
  >
  readonly clickhouse: ClickHouse
  readonly gate: Gate
  /** Places in the engine, shared with the queries of the same workspace. */
  readonly slots: Pick<FairSlots, 'take'>
  readonly log: Pick<EventLog, 'loaded' | 'turn'>
  readonly keyed: Pick<IdempotentLog, 'appendOnce'>
  /** Where results lie until they are in the log. */
  readonly folder: ImportFolder
  readonly replacements: Replacements<Column>
  readonly ops: OpsLog
  readonly logger: Logger
  readonly limits: CopyLimits
  /** Milliseconds that keys of chunks are remembered; default 7 days. */
  readonly keysKeptMs?: number
  readonly counters: CopyCounters
  /** What copies hold of their results now. */
  readonly gauge: BufferGauge
  /** Unix milliseconds. */
  readonly now: () => number
}

/** What one run may spend. */
interface CopyLimits {
  /** Seconds its SELECT may take. */
  readonly seconds: number
  /** Bytes of its result, as JSON. */
  readonly bytesMax: number
  /** What it may take beside: as any query of the server. */
  readonly query?: Omit<QueryLimits, 'timeoutSeconds' | 'resultBytesMax'>
}

/** Counts since the start, for metrics. */
export interface CopyCounters extends ImportCounters {
  copies: number
  /** Scheduled runs that were queued. */
  scheduled: number
  /** Scheduled runs left out because the one before had not ended. */
  skipped: number
}

/** All zero. */
export function createCopyCounters(): CopyCounters {
  return {
    ...{ copies: 0, scheduled: 0, skipped: 0, imports: 0, failed: 0, rows: 0, refusedRows: 0 },
    ...{ bytes: 0, chunks: 0, replayedChunks: 0, replacements: 0 },
  }
}
