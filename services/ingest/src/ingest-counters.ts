// What ingest did since it was started, for metrics. Plain numbers: whoever shows them reads them when asked.
import type { FaultCode } from '@sandpiper/faults'

export interface IngestCounters {
  /** Requests answered, by the first digit of their status. */
  readonly requests: Record<'2xx' | '4xx' | '5xx', number>
  /** Refusals by the code of their fault: a bounded set of labels. */
  readonly refused: Partial<Record<FaultCode, number>>
  /** Bytes of bodies as received, before decompression. */
  receivedBytes: number
  /** Rows and refused rows that were appended to the log. */
  rows: number
  quarantinedRows: number
  /** Bytes of bodies, and of what they become, that are in memory now. */
  inFlightBytes: number
  /** Requests whose body has arrived and that are not yet in the log, now. */
  inFlightAppends: number
}

export function createIngestCounters(): IngestCounters {
  return {
    requests: { '2xx': 0, '4xx': 0, '5xx': 0 },
    refused: {},
    receivedBytes: 0,
    rows: 0,
    quarantinedRows: 0,
    inFlightBytes: 0,
    inFlightAppends: 0,
  }
}
