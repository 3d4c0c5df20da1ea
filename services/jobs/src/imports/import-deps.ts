import type { Catalog } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { Replacements } from '@sandpiper/contracts'
import type { Column } from '@sandpiper/datafile'
import type { EventLog } from '@sandpiper/eventlog'
import type { IdempotentLog } from '@sandpiper/idempotency'
import type { Logger, OpsLog } from '@sandpiper/telemetry'

import type { BufferGauge } from './chunks.ts'
import type { ImportFolder } from './import-folder.ts'
import type { UnpackLimits } from './unpacked-bytes.ts'

/** Exactly what imports use. */
export interface ImportDeps {
  readonly catalog: Pick<Catalog, 'liveMap' | 'findJob'>
  /** Reads files of ours. */
  readonly clickhouse: Pick<ClickHouse, 'rows' | 'query'>
  readonly log: Pick<EventLog, 'loaded'>
  readonly keyed: Pick<IdempotentLog, 'appendOnce'>
  readonly folder: ImportFolder
  readonly replacements: Replacements<Column>
  readonly fetchFile: FetchFile
  readonly ops: OpsLog
  readonly logger: Logger
  readonly limits: UnpackLimits
  /** Milliseconds that keys of chunks are remembered; default 7 days. */
  readonly keysKeptMs?: number
  readonly counters: ImportCounters
  /** What imports hold of their files now. */
  readonly gauge: BufferGauge
  /** Unix milliseconds. */
  readonly now: () => number
}

/** Streams what is at a URL. @throws faults: refused addresses, statuses other than 200, too large. */
export type FetchFile = (
  url: string,
  options: { readonly signal: AbortSignal },
) => Promise<AsyncIterable<Uint8Array>>

/** Counts since the start, for metrics. */
export interface ImportCounters {
  imports: number
  failed: number
  rows: number
  refusedRows: number
  bytes: number
  /** Chunks appended, and those that were in the log already from a run that was cut off. */
  chunks: number
  replayedChunks: number
  replacements: number
}

export function createImportCounters(): ImportCounters {
  const chunks = { chunks: 0, replayedChunks: 0, replacements: 0 }
  return { imports: 0, failed: 0, rows: 0, refusedRows: 0, bytes: 0, ...chunks }
}
