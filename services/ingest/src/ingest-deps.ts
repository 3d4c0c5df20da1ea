// Exactly what ingest uses; built in main.ts of the process that hosts it.
import type { Catalog } from '@sandpiper/catalog'
import type { EventLog, NewFrame } from '@sandpiper/eventlog'
import type { IdempotentLog } from '@sandpiper/idempotency'
import type { Breakers } from '@sandpiper/quarantine'
import type { Logger, OpsLog } from '@sandpiper/telemetry'
import type { QuotaOf, SharedQuota } from '@sandpiper/tokens'
import type { IngestCounters } from './ingest-counters.ts'

export interface IngestDeps {
  readonly catalog: Pick<
    Catalog,
    'findToken' | 'tokenNow' | 'liveMap' | 'liveMapNow' | 'mapOf' | 'schema' | 'findWorkspace'
  >
  readonly log: Pick<EventLog, 'append' | 'loaded' | 'writerConnected'>
  /** Appends under an Idempotency-Key, to the same log. */
  readonly keys: Pick<IdempotentLog, 'claim'>
  readonly logger: Logger
  readonly ops: OpsLog
  readonly counters: IngestCounters
  /** Told what became of the rows of each request. */
  readonly breakers: Pick<Breakers, 'observe'>
  /** Shown the rows of each request once they are durable; returns at once and never throws. */
  readonly tap?: { taken(frame: NewFrame): void }
  /** Unix milliseconds. */
  readonly now: () => number
  /** Milliseconds that never go back, whatever happens to the clock. */
  readonly monotonicMs: () => number
  /** What JWTs with `limits.rps` have left, shared with the api; default: buckets of its own. */
  readonly jwtQuota?: SharedQuota
  /** Buckets that several processes share, by what they count; default: each process has its own. */
  readonly sharedQuota?: QuotaOf
  /** Whether so little space is left on the log's disk that nothing more is taken. */
  readonly isDiskLow: () => boolean
  readonly limits: IngestLimits
}

/** What one request and all of them together may take. */
export interface IngestLimits {
  /** Bytes of one body, as sent and after decompression alike. */
  readonly bodyBytesMax: number
  /** How many times its size a compressed body may grow, judged from the first mebibyte on. */
  readonly inflationMax: number
  /** Bytes of the rows and refused lines that one body becomes. */
  readonly decodedBytesMax: number
  /** Bytes of all bodies that are being read or stored, and of what they become; above it requests get 503. */
  readonly inFlightBytesMax: number
  /** Requests that have arrived and wait to be decoded or for the log; above it requests get 503. */
  readonly inFlightAppendsMax: number
  /** How long `wait=true` waits for the data source before it answers 202. Milliseconds. */
  readonly waitMs: number
  /** Requests a second and workspace, whatever its tokens; null for no quota. Above it requests get 429. */
  readonly requestsPerSecond: number | null
  /** Requests a second and data source; null for no quota. */
  readonly requestsPerSecondPerDataSource: number | null
}

/**
 * 100 MB a body as Tinybird's paid plans, 250 times, 128 MiB as one append to the log, 512 MiB and 10,000 requests in flight, 30 s, no
 * quota of requests.
 */
export const INGEST_LIMITS: IngestLimits = {
  bodyBytesMax: 100_000_000,
  inflationMax: 250,
  decodedBytesMax: 128 * 1024 * 1024,
  inFlightBytesMax: 512 * 1024 * 1024,
  inFlightAppendsMax: 10_000,
  waitMs: 30_000,
  requestsPerSecond: null,
  requestsPerSecondPerDataSource: null,
}
