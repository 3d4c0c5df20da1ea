// A frame is what one request appended for one data source: the durable unit of ingest. Its bytes are described in docs/specs/event-log.md.

/** What a frame says about itself. */
export interface FrameHead {
  readonly workspaceId: string
  readonly dataSourceId: string
  /** Version of the data source's columns the rows were validated against. */
  readonly schemaVersion: number
  /** ULID of the request. */
  readonly requestId: string
  /** Unix milliseconds. */
  readonly arrivedAtMs: number
  /** Hash of key and body when the request carried an Idempotency-Key, else null. */
  readonly idempotencyHash: string | null
  readonly rowCount: number
  readonly refusedCount: number
}

/** A frame before the log gave it a sequence. `rows` and `refused` are NDJSON, each line ended by `\n`. */
export interface NewFrame extends FrameHead {
  /** Valid rows: JSON objects keyed by column name, value text as it came. */
  readonly rows: Buffer
  /** Refused rows: JSON objects shaped like rows of the quarantine table. */
  readonly refused: Buffer
}

/** A frame in the log. `sequence` counts frames from 1, without gaps, for the life of the log: it is the position. */
export interface Frame extends NewFrame {
  readonly sequence: number
}
