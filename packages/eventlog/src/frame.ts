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
  /** Where its records stood in the stream they were read from; absent for events that somebody sent. */
  readonly position?: StreamPosition
}

/**
 * How far one reader came in one stream, such as a partition of a topic. It is durable with the rows it stands for, at once or not at all:
 * that is what makes reading exactly once.
 */
export interface StreamPosition {
  /** Whose position it is, beside the data source: names the stream and the reader. At most STREAM_NAME_BYTES_MAX bytes. */
  readonly stream: string
  readonly partition: number
  /** Counts how often the position was set anew, because the stream began anew; any position of a later epoch is ahead of this one. */
  readonly epoch: number
  /** Where the reader was before this frame; equal to `next` of the frame before it in the same epoch, unless that held no rows. */
  readonly from: number
  /** The first offset that is not in this frame, nor below it. */
  readonly next: number
}

/** Bytes of `StreamPosition.stream` in UTF-8. */
export const STREAM_NAME_BYTES_MAX = 1_024

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
