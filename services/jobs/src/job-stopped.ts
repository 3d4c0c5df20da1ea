/** Why a run is stopped. `lost`: the row says that another run has taken its place. */
export type StopReason = 'cancelled' | 'time' | 'shutdown' | 'lost'

/** The reason of a job's signal. */
export class JobStopped extends Error {
  override readonly name = 'JobStopped'
  readonly why: StopReason

  constructor(why: StopReason) {
    super(`the job was stopped: ${why}`)
    this.why = why
  }
}

/** True when the work is to be undone or left as it is; false when another run will go on with it. */
export function isGivenUp(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason
  return reason instanceof JobStopped && (reason.why === 'cancelled' || reason.why === 'time')
}
