/** Plain counts of this process; `running` is how many jobs are at work now. */
export interface JobsCounters {
  enqueued: number
  /** Refused because too many were waiting. */
  refused: number
  started: number
  done: number
  failed: number
  cancelled: number
  /** Put back after a failure that may pass. */
  retried: number
  /** Found cut off at a start. */
  recovered: number
  running: number
}

/** All zero. */
export function createJobsCounters(): JobsCounters {
  return {
    ...{ enqueued: 0, refused: 0, started: 0, done: 0, failed: 0, cancelled: 0 },
    ...{ retried: 0, recovered: 0, running: 0 },
  }
}
