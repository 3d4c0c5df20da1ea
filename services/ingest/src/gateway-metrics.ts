// What a gateway counts, as Prometheus reads it: the same families as those of the all-in-one.
import type { IdempotencyCounters } from '@sandpiper/idempotency'
import type { EventLog } from '@sandpiper/eventlog'
import { createExposition, measureProcess } from '@sandpiper/telemetry'
import type { IngestCounters } from './ingest-counters.ts'

export async function gatewayMetrics(
  counters: IngestCounters,
  log: Pick<EventLog, 'counters'>,
  keys: IdempotencyCounters,
): Promise<string> {
  const out = createExposition()
  const usage = await measureProcess()
  const labels = { process: 'ingest' }
  out.set('sandpiper_up', 1, labels)
  out.set('sandpiper_process_cpu_seconds_total', usage.cpuSeconds, labels)
  out.set('sandpiper_process_resident_memory_bytes', usage.residentBytes, labels)
  for (const [status, value] of Object.entries(counters.requests))
    out.set('sandpiper_ingest_requests_total', value, { status })
  for (const [reason, value] of Object.entries(counters.refused))
    out.set('sandpiper_ingest_refused_total', value, { reason })
  out.set('sandpiper_ingest_received_bytes_total', counters.receivedBytes)
  out.set('sandpiper_ingest_rows_total', counters.rows)
  out.set('sandpiper_ingest_quarantined_rows_total', counters.quarantinedRows)
  out.set('sandpiper_ingest_in_flight_bytes', counters.inFlightBytes)
  out.set('sandpiper_ingest_in_flight_appends', counters.inFlightAppends)
  const { frames, bytes, syncs, failedSyncs, queuedBytes } = log.counters()
  out.set('sandpiper_log_frames_total', frames)
  out.set('sandpiper_log_bytes_total', bytes)
  out.set('sandpiper_log_syncs_total', syncs)
  out.set('sandpiper_log_failed_syncs_total', failedSyncs)
  out.set('sandpiper_log_queued_bytes', queuedBytes)
  for (const [event, value] of Object.entries({ replays: keys.replays, conflicts: keys.conflicts }))
    out.set('sandpiper_idempotency_events_total', value, { event })
  return out.text()
}
