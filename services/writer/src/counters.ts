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
  /** Batches some view could not take. */
  viewFailures: number
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
    viewFailures: 0,
    skippedFrames: 0,
    damagedFrames: 0,
    retries: 0,
  }
}
