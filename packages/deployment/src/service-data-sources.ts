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
  'datasources_ops_log' | 'block_log' | 'datasources_storage' | 'jobs_log'

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

/** Every service data source there is. */
export const SERVICE_DATA_SOURCES: readonly ServiceDataSource[] = [
  OPS_LOG,
  BLOCK_LOG,
  STORAGE,
  JOBS_LOG,
]

/** Service data sources that Tinybird has and this server does not, yet: their names are known, so that the answer can say so. */
export const MISSING_SERVICE_DATA_SOURCES: ReadonlySet<string> = new Set([
  ...['pipe_stats_rt', 'pipe_stats', 'endpoint_errors', 'bi_stats_rt', 'bi_stats', 'llm_usage'],
  ...['data_connectors_log', 'kafka_ops_log', 'sinks_ops_log', 'releases_log', 'data_transfer'],
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

function engineOf({ newest, timeColumn }: ServiceDataSource, keptDays: number): Engine {
  return {
    type: newest === null ? 'MergeTree' : 'ReplacingMergeTree',
    sortingKey: newest === null ? `workspace_id, ${timeColumn}` : `workspace_id, ${newest.key}`,
    // A day's rows go as a whole, without rewriting what stays.
    partitionKey: `toDate(${timeColumn})`,
    ttl: `${timeColumn} + toIntervalDay(${String(keptDays)})`,
    ver: newest?.by ?? null,
    settings: { ttl_only_drop_parts: '1' },
    ...{ primaryKey: null, samplingKey: null, isDeleted: null, sign: null, version: null },
    ...{ summingColumns: null, other: {} },
  }
}
