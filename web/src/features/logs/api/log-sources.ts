// The service data sources as logs: which column is the time, what counts as a failure, what a line shows.
// Names and columns: docs/specs/service-data-sources.md.

export interface LogSource {
  label: string
  /** What a row is. */
  about: string
  time: string
  /** An SQL condition that is true for what failed; null where nothing fails. */
  failed: string | null
  /** Columns of a line, in order; a row's detail shows all. */
  shown: readonly string[]
  /** Columns of text that the search looks into. */
  searched: readonly string[]
  /** What is selected; default: every column as it is. */
  select?: string
}

export const LOG_SOURCES = {
  datasources_ops_log: {
    label: 'Data source operations',
    about: 'Batches of events, imports, copies, deletes and changes of data sources.',
    time: 'timestamp',
    failed: "result = 'error'",
    shown: [
      ...['timestamp', 'event_type', 'datasource_name', 'result', 'rows', 'rows_quarantine'],
      ...['elapsed_time', 'error'],
    ],
    searched: ['event_type', 'datasource_name', 'pipe_name', 'error', 'operation_id', 'job_id'],
  },
  pipe_stats_rt: {
    label: 'Requests',
    about: 'Requests to endpoints and to the Query API, kept for 7 days.',
    time: 'start_datetime',
    failed: 'error = 1',
    shown: [
      ...['start_datetime', 'pipe_name', 'status_code', 'duration', 'read_rows', 'result_rows'],
      ...['token_name', 'url'],
    ],
    searched: ['pipe_name', 'url', 'parameters', 'token_name', 'request_id', 'user_agent'],
  },
  endpoint_errors: {
    label: 'Endpoint errors',
    about: 'Failed requests, with what their callers were told.',
    time: 'start_datetime',
    // All of them did.
    failed: null,
    shown: ['start_datetime', 'pipe_name', 'status_code', 'error', 'url'],
    searched: ['pipe_name', 'error', 'url', 'params', 'request_id'],
  },
  jobs_log: {
    label: 'Jobs',
    about: 'Every job with its newest state.',
    time: 'created_at',
    failed: "status = 'error'",
    shown: ['created_at', 'job_type', 'status', 'pipe_name', 'started_at', 'updated_at', 'error'],
    searched: ['job_id', 'job_type', 'pipe_name', 'error', 'job_metadata'],
  },
  block_log: {
    label: 'Blocks',
    about: 'Blocks of imports and batches of events.',
    time: 'timestamp',
    failed: "status = 'error'",
    shown: [
      ...['timestamp', 'datasource_name', 'status', 'source', 'rows', 'quarantine_lines', 'bytes'],
      ...['processing_time', 'processing_error'],
    ],
    searched: ['datasource_name', 'source', 'import_id', 'block_id', 'processing_error'],
  },
  datasources_storage: {
    label: 'Storage',
    about: 'Rows and bytes of each data source, at most once a minute.',
    time: 'timestamp',
    failed: null,
    shown: ['timestamp', 'datasource_name', 'rows', 'bytes', 'rows_quarantine', 'bytes_quarantine'],
    searched: ['datasource_name'],
  },
  pipe_stats: {
    label: 'Requests by day',
    about: 'One row for each pipe and day; durations in seconds and milliseconds.',
    time: 'date',
    failed: null,
    shown: [
      ...['date', 'pipe_name', 'view_count', 'error_count', 'avg_duration_s', 'p90_p95_p99_ms'],
      ...['read_rows_sum', 'read_bytes_sum'],
    ],
    searched: ['pipe_name'],
    select: [
      ...['date', 'pipe_id', 'pipe_name', 'view_count', 'error_count'],
      'finalizeAggregation(avg_duration_state) AS avg_duration_s',
      'finalizeAggregation(quantile_timing_state) AS p90_p95_p99_ms',
      ...['read_rows_sum', 'read_bytes_sum'],
    ].join(', '),
  },
} as const satisfies Record<string, LogSource>

export type LogSourceName = keyof typeof LOG_SOURCES

export const isLogSource = (value: unknown): value is LogSourceName =>
  typeof value === 'string' && Object.hasOwn(LOG_SOURCES, value)

export const logSource = (name: LogSourceName): LogSource => LOG_SOURCES[name]
