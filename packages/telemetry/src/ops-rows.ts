// What was done to data sources, as rows of the service data sources' tables: one JSON line each, texts bounded, times of now.
import type { BlockOp, DataSourceOp, JobOp, KafkaOp, OpsLog } from './ops-log.ts'
import { errorRow, requestRow } from './request-rows.ts'
import { seconds, shortened } from './row-values.ts'

/** Service data sources that rows are written to. */
export type OpsTable =
  | 'datasources_ops_log'
  | 'block_log'
  | 'datasources_storage'
  | 'jobs_log'
  | 'pipe_stats_rt'
  | 'endpoint_errors'
  | 'kafka_ops_log'

/** One row on its way: which service data source, and its JSON without a line break. */
export interface OpsRow {
  readonly table: OpsTable
  readonly json: string
}

/** Characters of an error, and of a job's metadata as JSON; bytes of a row are bounded by these and by OPTIONS_MAX. */
const ERROR_CHARACTERS_MAX = 2_000
const TEXT_CHARACTERS_MAX = 500
const METADATA_CHARACTERS_MAX = 8_000
const OPTIONS_MAX = 20

/** An ops log that hands each row on as it will be stored. @param now Unix milliseconds. @param isHidden workspaces whose rows are left out. */
export function createOpsRows(
  take: (row: OpsRow) => void,
  now: () => number,
  isHidden: (workspaceId: string) => boolean,
): OpsLog {
  const give = (table: OpsRow['table'], workspaceId: string, row: object): void => {
    if (isHidden(workspaceId)) return
    take({ table, json: JSON.stringify({ workspace_id: workspaceId, ...row }) })
  }
  return {
    dataSourceOp(op) {
      give('datasources_ops_log', op.workspaceId, dataSourceRow(op, now()))
    },
    block(op) {
      give('block_log', op.workspaceId, blockRow(op, now()))
    },
    job(op) {
      give('jobs_log', op.workspaceId, jobRow(op))
    },
    request(op) {
      give('pipe_stats_rt', op.workspaceId, requestRow(op))
      if (op.error !== null) give('endpoint_errors', op.workspaceId, errorRow(op, op.error))
    },
    kafka(op) {
      give('kafka_ops_log', op.workspaceId, kafkaRow(op, now()))
    },
  }
}

function dataSourceRow(op: DataSourceOp, nowMs: number): object {
  const options = Object.entries(op.options ?? {}).slice(0, OPTIONS_MAX)
  return {
    timestamp: seconds(nowMs),
    event_type: op.eventType,
    datasource_id: op.dataSourceId,
    datasource_name: op.dataSourceName,
    result: op.error === null ? 'ok' : 'error',
    elapsed_time: op.elapsedSeconds,
    error: shortened(op.error, ERROR_CHARACTERS_MAX),
    import_id: op.importId ?? null,
    job_id: op.jobId ?? null,
    request_id: op.requestId ?? '',
    rows: op.rows,
    rows_quarantine: op.rowsQuarantine,
    blocks_ids: [],
    'Options.Names': options.map(([name]) => shortened(name, TEXT_CHARACTERS_MAX)),
    'Options.Values': options.map(([, value]) => shortened(value, TEXT_CHARACTERS_MAX)),
    read_rows: op.readRows ?? 0,
    read_bytes: op.readBytes ?? 0,
    written_rows: op.writtenRows ?? 0,
    written_bytes: op.writtenBytes ?? 0,
    written_rows_quarantine: op.rowsQuarantine,
    written_bytes_quarantine: 0,
    pipe_id: op.pipeId ?? '',
    pipe_name: op.pipeName ?? '',
    operation_id: op.operationId ?? '',
    release: '',
    resource_tags: [],
    cpu_time: null,
    memory_usage: 0,
  }
}

function blockRow(op: BlockOp, nowMs: number): object {
  return {
    timestamp: seconds(nowMs),
    import_id: op.importId ?? '',
    job_id: op.jobId ?? null,
    request_id: op.requestId ?? '',
    source: shortened(op.source, TEXT_CHARACTERS_MAX),
    block_id: op.blockId,
    status: op.status,
    datasource_id: op.dataSourceId,
    datasource_name: op.dataSourceName,
    start_offset: op.startOffset ?? null,
    end_offset: op.endOffset ?? null,
    rows: op.rows,
    parser: op.parser ?? null,
    quarantine_lines: op.quarantineLines,
    empty_lines: op.emptyLines ?? null,
    bytes: op.bytes,
    processing_time: op.processingSeconds,
    processing_error: shortened(op.processingError, ERROR_CHARACTERS_MAX),
  }
}

function jobRow(op: JobOp): object {
  const metadata = JSON.stringify(op.metadata)
  return {
    job_id: op.jobId,
    job_type: op.jobType,
    pipe_id: op.pipeId ?? '',
    pipe_name: op.pipeName ?? '',
    created_at: seconds(op.createdAtMs),
    updated_at: seconds(op.updatedAtMs),
    started_at: op.startedAtMs === null ? null : seconds(op.startedAtMs),
    status: op.status,
    error: shortened(op.error, ERROR_CHARACTERS_MAX),
    // Half a document would be none.
    job_metadata: metadata.length > METADATA_CHARACTERS_MAX ? '{"truncated":true}' : metadata,
    version: op.updatedAtMs,
  }
}

function kafkaRow(op: KafkaOp, nowMs: number): object {
  return {
    timestamp: seconds(nowMs),
    datasource_id: op.dataSourceId,
    topic: op.topic,
    partition: op.partition,
    msg_type: op.kind,
    lag: op.lag,
    processed_messages: op.processedMessages,
    processed_bytes: op.processedBytes,
    committed_messages: op.committedMessages,
    msg: shortened(op.message, ERROR_CHARACTERS_MAX),
    time_write: seconds(nowMs),
  }
}
