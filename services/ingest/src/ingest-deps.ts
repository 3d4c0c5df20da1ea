// Exactly what ingest uses; built in main.ts of the process that hosts it.
import type { Catalog } from '@sandpiper/catalog'
import type { EventLog } from '@sandpiper/eventlog'
import type { Logger, OpsLog } from '@sandpiper/telemetry'

export interface IngestDeps {
  readonly catalog: Pick<Catalog, 'findToken' | 'liveMap' | 'mapOf' | 'schema'>
  readonly log: Pick<EventLog, 'append' | 'loaded' | 'writerConnected'>
  readonly logger: Logger
  readonly ops: OpsLog
  /** Unix milliseconds. */
  readonly now: () => number
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
  /** How long `wait=true` waits for the data source before it answers 202. Milliseconds. */
  readonly waitMs: number
}

/** 100 MB a body as Tinybird's paid plans, 250 times, 128 MiB as one append to the log, 512 MiB in flight, 30 s. */
export const INGEST_LIMITS: IngestLimits = {
  bodyBytesMax: 100_000_000,
  inflationMax: 250,
  decodedBytesMax: 128 * 1024 * 1024,
  inFlightBytesMax: 512 * 1024 * 1024,
  waitMs: 30_000,
}

/** Per-request values set before any route runs. */
export interface IngestEnv {
  Variables: { requestId: string }
}
