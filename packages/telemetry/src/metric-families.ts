// Every metric there is: its name is a promise to dashboards and alerts. docs/specs/metrics.md says the same; a test compares them.
// Labels hold words of ours only, never names that a user chose: their number is known here.

/** What one name means. */
export interface MetricFamily {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

const counter = (help: string, ...labels: string[]): MetricFamily => ({
  ...{ type: 'counter', help, labels },
})
const gauge = (help: string, ...labels: string[]): MetricFamily => ({
  ...{ type: 'gauge', help, labels },
})
const histogram = (help: string, ...labels: string[]): MetricFamily => ({
  ...{ type: 'histogram', help, labels },
})

/** All families by name. Times are seconds, sizes bytes; counters begin at 0 when their process starts. */
export const METRIC_FAMILIES = {
  sandpiper_up: gauge('1 when the process answers, else 0.', 'process'),
  sandpiper_process_cpu_seconds_total: counter('CPU time, user and system.', 'process'),
  sandpiper_process_resident_memory_bytes: gauge('Memory in RAM.', 'process'),
  sandpiper_process_restarts_total: counter('Starts after the first.', 'process'),
  sandpiper_event_loop_active_seconds_total: counter('Time the loop had work.', 'process'),
  sandpiper_event_loop_idle_seconds_total: counter('Time the loop waited.', 'process'),
  sandpiper_event_loop_delay_seconds: gauge(
    'How late a timer fired during this scrape.',
    'process',
  ),

  sandpiper_http_request_duration_seconds: histogram(
    'From the head of a request to the end of its answer.',
    'route',
    'status',
  ),
  sandpiper_http_requests_in_flight: gauge('Requests that are being answered.'),
  sandpiper_http_connections: gauge('Open connections.'),
  sandpiper_http_refused_total: counter('Ended before any route saw them.', 'reason'),

  sandpiper_ingest_requests_total: counter('Answered requests of the Events API.', 'status'),
  sandpiper_ingest_refused_total: counter('Refused requests, by the code of the fault.', 'reason'),
  sandpiper_ingest_received_bytes_total: counter('Bodies as received, before decompression.'),
  sandpiper_ingest_rows_total: counter('Rows appended to the log.'),
  sandpiper_ingest_quarantined_rows_total: counter('Rows refused by the schema, kept for review.'),
  sandpiper_ingest_in_flight_bytes: gauge('Bodies in memory, and what they became.'),
  sandpiper_ingest_in_flight_appends: gauge('Bodies read and not yet in the log.'),
  sandpiper_ingest_breakers_open: gauge('Data sources with far more invalid rows than usual.'),
  sandpiper_ingest_breaker_events_total: counter('Such data sources, begun and ended.', 'event'),
  sandpiper_ingest_tails: gauge('Live tails that are open.'),
  sandpiper_ingest_tails_refused_total: counter('Live tails refused: too many were open.'),

  sandpiper_kafka_records_total: counter('Records of topics that were taken.'),
  sandpiper_kafka_bytes_total: counter('Keys, values and headers of these.'),
  sandpiper_kafka_rows_total: counter('Rows of these that were appended to the log.'),
  sandpiper_kafka_quarantined_rows_total: counter('Records of these that were refused.'),
  sandpiper_kafka_frames_total: counter('Frames they became.'),
  sandpiper_kafka_events_total: counter('What happened to readers of topics.', 'event'),
  sandpiper_kafka_readers: gauge('Kafka data sources, by how their reader is.', 'state'),
  sandpiper_kafka_lag_records: gauge('Records behind the end of their partitions, all readers.'),
  sandpiper_kafka_held_bytes: gauge('Records in memory that are not yet in the log.'),
  sandpiper_stream_positions: gauge('Partitions whose position is known.'),
  sandpiper_stream_checkpoints_total: counter('Checkpoints of positions.', 'result'),

  sandpiper_idempotency_events_total: counter('What happened to Idempotency-Keys.', 'event'),
  sandpiper_idempotency_pending: gauge('Keys that are not yet written to the index.'),

  sandpiper_log_frames_total: counter('Frames appended.'),
  sandpiper_log_bytes_total: counter('Bytes appended, headers included.'),
  sandpiper_log_syncs_total: counter('Successful fdatasync calls.'),
  sandpiper_log_failed_syncs_total: counter('Failed fdatasync calls.'),
  sandpiper_log_damage_total: counter('Damaged stretches found at a start.', 'reason'),
  sandpiper_log_segments: gauge('Segment files.'),
  sandpiper_log_segment_bytes: gauge('Size of all segment files.'),
  sandpiper_log_queued_bytes: gauge('Accepted and not yet durable.'),
  sandpiper_log_durable_sequence: gauge('Highest durable frame.'),
  sandpiper_log_loaded_sequence: gauge('Every frame up to this one is in every target.'),
  sandpiper_log_backlog_frames: gauge('Durable frames not known to be loaded.'),
  sandpiper_log_append_duration_seconds: histogram(
    'Append to durable; a sample of at most 50 a second.',
  ),
  sandpiper_log_sync_duration_seconds: histogram('One fdatasync.'),
  sandpiper_freshness_seconds: histogram(
    'Append to confirmed in every target; one probe at a time.',
  ),
  sandpiper_freshness_probe_age_seconds: gauge('Age of the probe that waits now; 0 without one.'),

  sandpiper_writer_batches_total: counter('Batches confirmed.'),
  sandpiper_writer_rows_total: counter('Rows loaded.'),
  sandpiper_writer_quarantined_rows_total: counter('Refused rows loaded into quarantine.'),
  sandpiper_writer_bytes_total: counter('Bytes of loaded frames.'),
  sandpiper_writer_events_total: counter('Everything else the writer counts.', 'event'),
  sandpiper_writer_copied_frames_total: counter(
    'Frames of a log in Kafka that were copied, had a key that came before, were none, or were gone.',
    'event',
  ),
  sandpiper_writer_partitions: gauge('Partitions of a log in Kafka that this writer owns.'),
  sandpiper_writer_load_duration_seconds: histogram('One batch, from its begin to confirmed.'),
  sandpiper_writer_waiting_frames: gauge('Frames read and not yet loaded.'),
  sandpiper_writer_waiting_sources: gauge('Data sources with such frames.'),
  sandpiper_writer_waiting_seconds: gauge('Since when the oldest of them waits.'),

  sandpiper_queries_running: gauge('Queries of callers at work.'),
  sandpiper_queries_waiting: gauge('Queries of callers that wait for a place.'),
  sandpiper_queries_events_total: counter('Queries that had to wait, or were refused.', 'event'),

  sandpiper_engine_running_queries: gauge('Queries at work.'),
  sandpiper_engine_memory_bytes: gauge('What the engine itself counts as used.'),
  sandpiper_engine_parts: gauge('Active parts of all tables.'),
  sandpiper_engine_partition_parts_max: gauge('Active parts of the partition that has most.'),
  sandpiper_engine_merges: gauge('Merges at work.'),
  sandpiper_engine_mutations: gauge('Mutations that are not done.'),

  sandpiper_catalog_connections: gauge('Connections of the main process.', 'state'),
  sandpiper_redis_up: gauge('1 when Redis is asked, else 0: away, or none is configured.'),
  sandpiper_redis_questions_total: counter(
    'Questions about limits, by what became of them.',
    'fate',
  ),
  sandpiper_jobs_events_total: counter('What happened to jobs.', 'event'),
  sandpiper_jobs_running: gauge('Jobs at work.'),
  sandpiper_import_events_total: counter('What happened to imports.', 'event'),
  sandpiper_import_rows_total: counter('Imported rows appended to the log.'),
  sandpiper_import_quarantined_rows_total: counter('Imported rows refused by the schema.'),
  sandpiper_import_bytes_total: counter('Bytes of imported rows.'),
  sandpiper_import_buffer_bytes: gauge('What imports hold in memory of their files.'),
  sandpiper_copy_events_total: counter('What happened to copies.', 'event'),
  sandpiper_copy_rows_total: counter('Copied rows appended to the log.'),
  sandpiper_copy_quarantined_rows_total: counter('Copied rows refused by the schema.'),
  sandpiper_copy_bytes_total: counter('Bytes of copied rows.'),
  sandpiper_outbound_requests_total: counter('Requests to the outside, by their end.', 'event'),

  sandpiper_result_cache_events_total: counter('What happened to kept answers.', 'event'),
  sandpiper_result_cache_bytes: gauge('Memory of kept answers.'),
  sandpiper_result_cache_entries: gauge('Kept answers.'),

  sandpiper_ops_rows_total: counter('Rows of the service data sources.', 'fate'),
  sandpiper_ops_failed_writes_total: counter('Writes of such rows that were tried again.'),
} as const satisfies Readonly<Record<string, MetricFamily>>

/** Name of a metric. */
export type MetricName = keyof typeof METRIC_FAMILIES
