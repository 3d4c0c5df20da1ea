/** What was copied since the start. */
export interface MirrorCounters {
  frames: number
  /** Frames whose key an earlier one had. */
  repeated: number
  /** Records that are no frames. */
  damaged: number
  /** Records that Kafka removed before they were copied. */
  lost: number
}
