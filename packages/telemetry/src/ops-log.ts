// What was done to data sources, for the service data sources of a workspace (`tinybird.datasources_ops_log` and its like).

/** One row of `tinybird.datasources_ops_log`. Source of names: Tinybird service data sources, read 2026-11. */
export interface DataSourceOp {
  readonly workspaceId: string
  /** append, append-hfi (Events API), create, replace, delete_data, truncate, alter, copy, populateview, ... and our own `quarantine-replay`, `breaker`. */
  readonly eventType: string
  readonly dataSourceId: string
  readonly dataSourceName: string
  /** Null when it went well. */
  readonly error: string | null
  readonly elapsedSeconds: number
  readonly rows: number
  readonly rowsQuarantine: number
  readonly importId?: string
  readonly jobId?: string
  readonly requestId?: string
  readonly pipeId?: string
  readonly pipeName?: string
  /** Groups an operation with those that it caused. */
  readonly operationId?: string
  readonly readRows?: number
  readonly readBytes?: number
  readonly writtenRows?: number
  readonly writtenBytes?: number
  /** Bounded, short texts. */
  readonly options?: Readonly<Record<string, string>>
}

/** One row of `tinybird.block_log`: a block of an import or a batch of events. */
export interface BlockOp {
  readonly workspaceId: string
  readonly dataSourceId: string
  readonly dataSourceName: string
  readonly importId?: string
  readonly jobId?: string
  readonly requestId?: string
  /** Where it came from: `events`, `body`, or the URL without its secrets. */
  readonly source: string
  readonly blockId: string
  readonly status: 'done' | 'error'
  readonly startOffset?: number
  readonly endOffset?: number
  readonly rows: number
  readonly quarantineLines: number
  readonly emptyLines?: number
  readonly bytes: number
  readonly processingSeconds: number
  readonly processingError: string | null
  readonly parser?: string
}

/** One row of `tinybird.jobs_log`; the newest of a job counts. */
export interface JobOp {
  readonly workspaceId: string
  readonly jobId: string
  readonly jobType: string
  readonly status: string
  readonly error: string | null
  /** Unix milliseconds. */
  readonly createdAtMs: number
  readonly startedAtMs: number | null
  readonly updatedAtMs: number
  readonly pipeId?: string
  readonly pipeName?: string
  readonly metadata: Readonly<Record<string, unknown>>
}

/** One row of `tinybird.kafka_ops_log`: what a reader of a topic did since the last row of its partition. */
export interface KafkaOp {
  readonly workspaceId: string
  readonly dataSourceId: string
  /** '' when not even the topic is known. */
  readonly topic: string
  /** -1 when it is about no partition. */
  readonly partition: number
  readonly kind: 'info' | 'warning' | 'error'
  /** Records behind the end of the partition; null when not known. */
  readonly lag: number | null
  readonly processedMessages: number
  readonly processedBytes: number
  /** Of them those that are durable. */
  readonly committedMessages: number
  readonly message: string
}

/** One row of `tinybird.pipe_stats_rt`, and with an error one of `tinybird.endpoint_errors`: a request to an endpoint or to /v0/sql. */
export interface RequestOp {
  readonly workspaceId: string
  /** Unix milliseconds. */
  readonly startedAtMs: number
  readonly durationSeconds: number
  /** `query_api` for /v0/sql, as its name. */
  readonly pipeId: string
  readonly pipeName: string
  readonly requestId: string
  readonly tokenId: string
  readonly tokenName: string
  readonly method: string
  readonly statusCode: number
  /** What the caller was told; null when it went well. */
  readonly error: string | null
  /** As it came: secrets are taken out here. */
  readonly url: string
  readonly userAgent: string | null
  readonly parameters: Readonly<Record<string, unknown>>
  readonly readRows: number
  readonly readBytes: number
  readonly resultRows: number
}

/**
 * Takes rows of the service data sources. Never throws and never waits: rows are kept in bounded memory until they are written; what
 * does not fit is counted and left out. A crash may lose the rows of the last second: it is a log, not a promise.
 */
export interface OpsLog {
  dataSourceOp(row: DataSourceOp): void
  block(row: BlockOp): void
  job(row: JobOp): void
  request(row: RequestOp): void
  kafka(row: KafkaOp): void
}

/** An ops log that keeps nothing; for tests and tools. */
export const NO_OPS: OpsLog = {
  dataSourceOp: () => undefined,
  block: () => undefined,
  job: () => undefined,
  request: () => undefined,
  kafka: () => undefined,
}
