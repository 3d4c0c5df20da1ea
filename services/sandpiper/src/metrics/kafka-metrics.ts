// What readers of topics did, all data sources together: by data source it is in `tinybird.kafka_ops_log`.
import type { StreamPositions } from '@sandpiper/idempotency'
import type { KafkaCounters, KafkaSourceState } from '@sandpiper/ingest'
import type { Exposition } from '@sandpiper/telemetry'

export interface KafkaMetricSources {
  readonly kafka: Readonly<KafkaCounters>
  readonly kafkaStates: () => readonly KafkaSourceState[]
  readonly positions: Pick<StreamPositions, 'counters'>
}

const STATES = ['starting', 'reading', 'paused', 'failing'] as const

export function kafkaMetrics(out: Exposition, sources: KafkaMetricSources): void {
  const { kafka, positions } = sources
  out.set('sandpiper_kafka_records_total', kafka.records)
  out.set('sandpiper_kafka_bytes_total', kafka.bytes)
  out.set('sandpiper_kafka_rows_total', kafka.rows)
  out.set('sandpiper_kafka_quarantined_rows_total', kafka.refused)
  out.set('sandpiper_kafka_frames_total', kafka.frames)
  for (const event of ['rebalances', 'failures', 'retries', 'mismatches', 'resets'] as const)
    out.set('sandpiper_kafka_events_total', kafka[event], { event })
  const states = sources.kafkaStates()
  for (const state of STATES) {
    const readers = states.filter((each) => each.state === state).length
    out.set('sandpiper_kafka_readers', readers, { state })
  }
  const partitions = states.flatMap((each) => each.partitions)
  const lag = partitions.reduce((sum, each) => sum + (each.lag ?? 0), 0)
  out.set('sandpiper_kafka_lag_records', lag)
  out.set('sandpiper_kafka_held_bytes', kafka.heldBytes)
  const found = positions.counters()
  out.set('sandpiper_stream_positions', found.positions)
  const checkpoints = {
    ...{ written: found.checkpoints, failed: found.failedCheckpoints, damaged: found.damaged },
  }
  for (const [result, count] of Object.entries(checkpoints))
    out.set('sandpiper_stream_checkpoints_total', count, { result })
}
