// The service data sources (`tinybird.*`): what the server tells each workspace about itself. They are tables of a workspace of
// the system's own, filled through the event log like all others, and read through a filter on the reader's workspace.
// Columns only ever come to a table, at its end, with a new schema version: rows of the log may carry every older one.
// Source of names and columns: Tinybird service data sources, read 2026-11.
import { plainDataSource, type Column, type DataSourceFile, type Engine } from '@sandpiper/datafile'

/** Owns the tables behind the service data sources. It has no tokens and no deployments, and shows in no list. */
export const SYSTEM_WORKSPACE_ID = '00000000-0000-4000-8000-000000000001'

/** What callers write before the dot. */
export const SERVICE_DATABASE = 'tinybird'

/** Name of a service data source, without `tinybird.`. */
export type ServiceDataSourceName =
  | 'datasources_ops_log'
  | 'block_log'
  | 'datasources_storage'
  | 'jobs_log'
  | 'pipe_stats_rt'
  | 'pipe_stats'
  | 'endpoint_errors'
  | 'kafka_ops_log'

/** One service data source and its table. */
export interface ServiceDataSource {
  readonly name: ServiceDataSourceName
  /** `t_<32 hex>`; with the generation it names the table. */
  readonly id: string
  readonly generation: number
  /** Counts up with each column that is added. */
  readonly schemaVersion: number
  /** Name to type, in the order callers see. The table has `workspace_id` before them. */
  readonly columns: readonly (readonly [name: string, type: string])[]
  /** Columns of the table that callers do not see. */
  readonly hidden: readonly (readonly [name: string, type: string])[]
  /** The DateTime that rows are kept and partitioned by. */
  readonly timeColumn: string
  /** Days that rows are kept when nothing else is configured. */
  readonly keptDays: number
  /** Of rows with this key the one with the highest `by` counts; null when every row counts. */
  readonly newest: { readonly key: string; readonly by: string } | null
  /** One row of each key, made of all with that key: these columns are summed, states merged. */
  readonly summed?: { readonly key: string; readonly columns: string }
  /** Filled by a materialized view over the table of another one, and never written to. */
  readonly filled?: {
    readonly from: ServiceDataSourceName
    /** `t_<32 hex>`; with the generation it names the view. */
    readonly viewId: string
    /** Columns as they are called, over the rows of all workspaces in a table to name. */
    readonly select: (table: string) => string
  }
}

const TEXT = 'LowCardinality(String)'

const OPS_LOG: ServiceDataSource = {
  name: 'datasources_ops_log',
  id: 't_00000000000000000000000000000001',
  ...{ generation: 1, schemaVersion: 1, timeColumn: 'timestamp', keptDays: 30 },
  ...{ hidden: [], newest: null },
  columns: [
    ['timestamp', 'DateTime'],
    ['event_type', TEXT],
    ['datasource_id', 'String'],
    ['datasource_name', 'String'],
    ['result', TEXT],
    ['elapsed_time', 'Float32'],
    ['error', 'Nullable(String)'],
    ['import_id', 'Nullable(String)'],
    ['job_id', 'Nullable(String)'],
    ['request_id', 'String'],
    ['rows', 'Nullable(UInt64)'],
    ['rows_quarantine', 'Nullable(UInt64)'],
    ['blocks_ids', 'Array(String)'],
    ['Options.Names', 'Array(String)'],
    ['Options.Values', 'Array(String)'],
    ['read_rows', 'UInt64'],
    ['read_bytes', 'UInt64'],
    ['written_rows', 'UInt64'],
    ['written_bytes', 'UInt64'],
    ['written_rows_quarantine', 'UInt64'],
    ['written_bytes_quarantine', 'UInt64'],
    ['pipe_id', 'String'],
    ['pipe_name', 'String'],
    ['operation_id', 'String'],
    ['release', 'String'],
    ['resource_tags', 'Array(String)'],
    ['cpu_time', 'Nullable(Float32)'],
    ['memory_usage', 'UInt64'],
  ],
}

const BLOCK_LOG: ServiceDataSource = {
  name: 'block_log',
  id: 't_00000000000000000000000000000002',
  ...{ generation: 1, schemaVersion: 1, timeColumn: 'timestamp', keptDays: 30 },
  ...{ hidden: [], newest: null },
  columns: [
    ['timestamp', 'DateTime'],
    ['import_id', 'String'],
    ['job_id', 'Nullable(String)'],
    ['request_id', 'String'],
    ['source', 'String'],
    ['block_id', 'String'],
    ['status', TEXT],
    ['datasource_id', 'String'],
    ['datasource_name', 'String'],
    ['start_offset', 'Nullable(Int64)'],
    ['end_offset', 'Nullable(Int64)'],
    ['rows', 'Nullable(UInt64)'],
    ['parser', 'Nullable(String)'],
    ['quarantine_lines', 'Nullable(UInt64)'],
    ['empty_lines', 'Nullable(UInt64)'],
    ['bytes', 'Nullable(UInt64)'],
    ['processing_time', 'Nullable(Float32)'],
    ['processing_error', 'Nullable(String)'],
  ],
}

const STORAGE: ServiceDataSource = {
  name: 'datasources_storage',
  id: 't_00000000000000000000000000000003',
  ...{ generation: 1, schemaVersion: 1, timeColumn: 'timestamp', keptDays: 30 },
  ...{ hidden: [], newest: null },
  columns: [
    ['timestamp', 'DateTime'],
    ['datasource_id', 'String'],
    ['datasource_name', 'String'],
    ['bytes', 'UInt64'],
    ['rows', 'UInt64'],
    ['bytes_quarantine', 'UInt64'],
    ['rows_quarantine', 'UInt64'],
  ],
}

const JOBS_LOG: ServiceDataSource = {
  name: 'jobs_log',
  id: 't_00000000000000000000000000000004',
  ...{ generation: 1, schemaVersion: 1, timeColumn: 'created_at', keptDays: 30 },
  hidden: [['version', 'UInt64']],
  newest: { key: 'job_id', by: 'version' },
  columns: [
    ['job_id', 'String'],
    ['job_type', TEXT],
    ['workspace_id', 'String'],
    ['pipe_id', 'String'],
    ['pipe_name', 'String'],
    ['created_at', 'DateTime'],
    ['updated_at', 'DateTime'],
    ['started_at', 'Nullable(DateTime)'],
    ['status', TEXT],
    ['error', 'Nullable(String)'],
    ['job_metadata', 'String'],
  ],
}

const PIPE_STATS_RT: ServiceDataSource = {
  name: 'pipe_stats_rt',
  id: 't_00000000000000000000000000000005',
  ...{ generation: 1, schemaVersion: 1, timeColumn: 'start_datetime', keptDays: 7 },
  ...{ hidden: [], newest: null },
  columns: [
    ['start_datetime', 'DateTime'],
    ['pipe_id', 'String'],
    ['pipe_name', 'String'],
    ['duration', 'Float32'],
    ['read_bytes', 'UInt64'],
    ['read_rows', 'UInt64'],
    ['result_rows', 'UInt64'],
    ['url', 'String'],
    ['error', 'UInt8'],
    ['request_id', 'String'],
    ['token', 'String'],
    ['token_name', 'String'],
    ['status_code', 'Int32'],
    ['method', TEXT],
    ['parameters', 'Map(String, String)'],
    ['release', 'String'],
    ['user_agent', 'Nullable(String)'],
    ['resource_tags', 'Array(String)'],
    ['cpu_time', 'Float32'],
    ['memory_usage', 'UInt64'],
  ],
}

const PIPE_STATS: ServiceDataSource = {
  name: 'pipe_stats',
  id: 't_00000000000000000000000000000006',
  ...{ generation: 1, schemaVersion: 1, timeColumn: 'date', keptDays: 90 },
  ...{ hidden: [], newest: null },
  summed: {
    key: 'date, pipe_id',
    columns: 'view_count, error_count, read_bytes_sum, read_rows_sum',
  },
  columns: [
    ['date', 'Date'],
    ['pipe_id', 'String'],
    ['pipe_name', 'String'],
    ['view_count', 'UInt64'],
    ['error_count', 'UInt64'],
    ['avg_duration_state', 'AggregateFunction(avg, Float32)'],
    ['quantile_timing_state', 'AggregateFunction(quantilesTiming(0.9, 0.95, 0.99), Float64)'],
    ['read_bytes_sum', 'UInt64'],
    ['read_rows_sum', 'UInt64'],
    ['resource_tags', 'Array(String)'],
  ],
  filled: {
    from: 'pipe_stats_rt',
    viewId: 't_00000000000000000000000000000007',
    select: (table) =>
      `SELECT workspace_id, toDate(start_datetime) AS date, pipe_id, any(pipe_name) AS pipe_name,
        count() AS view_count, countIf(error = 1) AS error_count, avgState(duration) AS avg_duration_state,
        quantilesTimingState(0.9, 0.95, 0.99)(toFloat64(duration) * 1000) AS quantile_timing_state,
        sum(read_bytes) AS read_bytes_sum, sum(read_rows) AS read_rows_sum, any(resource_tags) AS resource_tags
      FROM ${table} GROUP BY workspace_id, date, pipe_id`,
  },
}

const ENDPOINT_ERRORS: ServiceDataSource = {
  name: 'endpoint_errors',
  id: 't_00000000000000000000000000000008',
  ...{ generation: 1, schemaVersion: 1, timeColumn: 'start_datetime', keptDays: 30 },
  ...{ hidden: [], newest: null },
  columns: [
    ['start_datetime', 'DateTime'],
    ['request_id', 'String'],
    ['pipe_id', 'String'],
    ['pipe_name', 'String'],
    ['params', 'String'],
    ['url', 'String'],
    ['status_code', 'Int32'],
    ['error', 'String'],
    ['resource_tags', 'Array(String)'],
  ],
}

const KAFKA_OPS_LOG: ServiceDataSource = {
  name: 'kafka_ops_log',
  id: 't_00000000000000000000000000000009',
  ...{ generation: 1, schemaVersion: 1, timeColumn: 'timestamp', keptDays: 30 },
  ...{ hidden: [], newest: null },
  columns: [
    ['timestamp', 'DateTime'],
    ['datasource_id', 'String'],
    ['topic', TEXT],
    ['partition', 'Int32'],
    ['msg_type', TEXT],
    ['lag', 'Nullable(Int64)'],
    ['processed_messages', 'UInt64'],
    ['processed_bytes', 'UInt64'],
    ['committed_messages', 'UInt64'],
    ['msg', 'String'],
    ['time_write', 'DateTime'],
  ],
}

/** Every service data source there is; one that is filled by a view stands behind the one it is filled from. */
export const SERVICE_DATA_SOURCES: readonly ServiceDataSource[] = [
  OPS_LOG,
  BLOCK_LOG,
  STORAGE,
  JOBS_LOG,
  PIPE_STATS_RT,
  PIPE_STATS,
  ENDPOINT_ERRORS,
  KAFKA_OPS_LOG,
]

/** Service data sources that Tinybird has and this server does not, yet: their names are known, so that the answer can say so. */
export const MISSING_SERVICE_DATA_SOURCES: ReadonlySet<string> = new Set([
  ...['bi_stats_rt', 'bi_stats', 'llm_usage'],
  ...['data_connectors_log', 'sinks_ops_log', 'releases_log', 'data_transfer'],
  ...['estimated_shared_infra_cpu_time'],
])

/** The one of this name, without `tinybird.`; undefined when there is none. */
export function findServiceDataSource(name: string): ServiceDataSource | undefined {
  return SERVICE_DATA_SOURCES.find((each) => each.name === name)
}

/** The table of a service data source as a data source of the system workspace. @param keptDays how long rows stay. */
export function serviceTableFile(source: ServiceDataSource, keptDays: number): DataSourceFile {
  return {
    ...plainDataSource(source.name, physicalColumns(source)),
    engine: engineOf(source, keptDays),
  }
}

/** The columns of its table: the owner of the row, what callers see, what they do not. */
function physicalColumns(source: ServiceDataSource): Column[] {
  const owner = ['workspace_id', TEXT] as const
  const own = source.columns.filter(([name]) => name !== owner[0])
  return [owner, ...own, ...source.hidden].map(([name, type]) => ({
    ...{ name, type, jsonPath: null, default: null, codec: null },
  }))
}

function engineOf(source: ServiceDataSource, keptDays: number): Engine {
  const { newest, summed, timeColumn } = source
  return {
    type: typeOf(source),
    sortingKey: `workspace_id, ${newest?.key ?? summed?.key ?? timeColumn}`,
    // A day's rows go as a whole, without rewriting what stays.
    partitionKey: `toDate(${timeColumn})`,
    ttl: `${timeColumn} + toIntervalDay(${String(keptDays)})`,
    ver: newest?.by ?? null,
    settings: { ttl_only_drop_parts: '1' },
    ...{ primaryKey: null, samplingKey: null, isDeleted: null, sign: null, version: null },
    ...{ summingColumns: summed?.columns ?? null, other: {} },
  }
}

function typeOf({ newest, summed }: ServiceDataSource): Engine['type'] {
  if (newest !== null) return 'ReplacingMergeTree'
  return summed === undefined ? 'MergeTree' : 'SummingMergeTree'
}
