// What the readers of topics did since the process started, for metrics. Plain numbers: whoever shows them reads them when asked.

export interface KafkaCounters {
  /** Records and their bytes (keys and values) that are durable in our log, or were passed over as no rows. */
  records: number
  bytes: number
  /** Records of these that became rows, and that were refused. */
  rows: number
  refused: number
  frames: number
  /** Assignments of partitions, the first one of each reader included. */
  rebalances: number
  /** Readers that ended by an error; each is started anew. */
  failures: number
  /** Decodings and appends that did not succeed, and were tried again. */
  retries: number
  /** Fetches that were not what was asked for: asked for again. */
  mismatches: number
  /** Partitions whose position was set anew, for their records were gone. */
  resets: number
  /** Bytes of records in memory now. */
  heldBytes: number
}

export function createKafkaCounters(): KafkaCounters {
  return {
    ...{ records: 0, bytes: 0, rows: 0, refused: 0, frames: 0, rebalances: 0 },
    ...{ failures: 0, retries: 0, mismatches: 0, resets: 0, heldBytes: 0 },
  }
}
