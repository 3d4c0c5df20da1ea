// The one way to ClickHouse: embedded engine over a unix socket or a server over TCP, same protocol. See create-clickhouse.ts.

/** Where ClickHouse is. */
export interface ClickHouseTarget {
  readonly url: string
  readonly socketPath?: string
  readonly username?: string
  readonly password?: string
  /** Certificates (PEM) that may sign the server's; default those that Node knows. */
  readonly ca?: string
  /**
   * The embedded engine: it reads files beside us by file(), and ends a query whose connection is closed. Of a server neither is true:
   * what is given up there is ended with KILL QUERY.
   */
  readonly loadsFiles: boolean
}

/** One statement and how it is to run. */
export interface QueryRequest {
  readonly sql: string
  /** Where names without a database are looked up; default the empty one, so they are no tables. */
  readonly database?: string
  /** Without the `param_` prefix. */
  readonly params?: Readonly<Record<string, string>>
  /** `max_result_bytes` bounds the answer's bytes too. */
  readonly settings?: Readonly<Record<string, string | number>>
  /** Output format; default `JSON`. */
  readonly format?: string
  readonly queryId?: string
  /** Milliseconds, default 30_000; also sets max_execution_time (seconds, rounded up) unless settings do. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /**
   * Called when the engine has nothing to do with the query any more, however it ended; may be called more than once.
   * @param how `answered` when the whole answer came, else nothing.
   */
  readonly released?: (how?: 'answered') => void
}

/** An INSERT whose rows come apart from its text. */
export interface InsertRequest extends Omit<QueryRequest, 'format'> {
  /** `INSERT INTO table (columns) FORMAT name`. At most 16 KiB: it travels in the URL. */
  readonly sql: string
  /** The rows in that format. Read once, as fast as the server takes them; left early it is closed. */
  readonly data: AsyncIterable<Uint8Array>
}

/** A reply whose head is known to be good: ordinary errors have been thrown before. */
export interface QueryReply {
  readonly headers: Readonly<Record<string, string>>
  /** The whole body when it ended within the first 1 MiB, else null; then `body` streams it. */
  readonly whole: Uint8Array | null
  /** Body in the asked format. An error after the head destroys the stream: a truncated body never looks complete. */
  readonly body: AsyncIterable<Uint8Array>
}

/** The client. Every wait is bounded; every failure is a Fault. */
export interface ClickHouse {
  /** Streams one SELECT. @throws fault `query.failed` (with X-DB-Exception-Code) | `query.timeout` | `engine.unavailable`. */
  query(request: QueryRequest): Promise<QueryReply>
  /** One SELECT of bounded size, parsed from JSONEachRow; 64-bit integers come as strings. At most 16 MiB. */
  rows<Row>(request: Omit<QueryRequest, 'format'>): Promise<Row[]>
  /** DDL or INSERT ... SELECT: resolves when done. An INSERT that rejects is in doubt. */
  command(request: Omit<QueryRequest, 'format'>): Promise<void>
  /** Streams rows in: resolves when all of them are stored. One that rejects is in doubt. @throws what `query` throws. */
  insert(request: InsertRequest): Promise<void>
  /** True when it answers /ping within 1 s. */
  ping(): Promise<boolean>
  close(): Promise<void>
}
