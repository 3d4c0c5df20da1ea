// What the writer did since it started, for the log line and the metrics to come. Every drop has its own counter.

export interface Counters {
  batches: number
  rows: number
  refusedRows: number
  bytes: number
  /** Attempts that did not end with a plain OK. */
  doubts: number
  /** Batches placed target by target. */
  placements: number
  /** Partitions moved by placements. */
  repairs: number
  /** Rows that passed our validation and that the engine refused. */
  engineRefusedRows: number
  /** Batches that reach more partitions than an insert may by itself. */
  wideBatches: number
  /** Batches some view could not take. */
  viewFailures: number
  /** Batches that views lack now; a gauge. */
  viewBatchesMissing: number
  /** Batches that views lacked and were given. */
  viewBatchesRepaired: number
  /** Repairs that met the view still failing. */
  viewRepairFailures: number
  /** Batches given up because the view, or a table on its way, is gone, or after seven days. */
  viewBatchesForgotten: number
  /** Frames that a view lacks and the log no longer has. */
  viewFramesLost: number
  /** Frames whose table or data source is gone. */
  skippedFrames: number
  /** Frames whose bytes no longer match their checksum. */
  damagedFrames: number
  retries: number
}

export function createCounters(): Counters {
  return {
    batches: 0,
    rows: 0,
    refusedRows: 0,
    bytes: 0,
    doubts: 0,
    placements: 0,
    repairs: 0,
    engineRefusedRows: 0,
    wideBatches: 0,
    viewFailures: 0,
    viewBatchesMissing: 0,
    viewBatchesRepaired: 0,
    viewRepairFailures: 0,
    viewBatchesForgotten: 0,
    viewFramesLost: 0,
    skippedFrames: 0,
    damagedFrames: 0,
    retries: 0,
  }
}
