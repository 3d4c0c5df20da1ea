import { Fault } from '@sandpiper/faults'
import type { z } from 'zod'

/** What a running job is told and may tell. Telling never throws and never waits; what is told is stored about once a second. */
export interface JobContext {
  readonly jobId: string
  readonly workspaceId: string
  /** From 0; one more each time the job is run again. */
  readonly attempt: number
  /** Fires on cancel, when the time is over and when the server stops. Its reason is a JobStopped. The work must end soon after: after 30 s nobody listens any more. */
  readonly signal: AbortSignal
  /** @param percent 0 to 100; null: unknown. @param statistics replaces what was told before, such as `{row_count, bytes}`. */
  progress(percent: number | null, statistics?: Readonly<Record<string, unknown>>): void
  /** Adds or replaces members of the wire object, such as `quarantine_rows`. */
  details(members: Readonly<Record<string, unknown>>): void
  /** One piece of the work, shown with `?debug=blocks`; the newest 200 are kept. */
  block(entry: Readonly<Record<string, unknown>>): void
  /** One line, shown with `?debug=block_log`; cut at 500 characters, the newest 200 are kept. */
  log(line: string): void
}

/** A kind of job. Build it with its dependencies by a function, hand it to createJobs(). */
export interface JobKind<Input = unknown> {
  /** As on the wire: `import`, `delete_data`. */
  readonly kind: string
  /** Checks the input when it is enqueued and again before each run. It must survive JSON. */
  readonly input: z.ZodType<Input>
  /** Jobs of this kind that one workspace may have at work; they start in the order of coming. */
  readonly concurrencyPerWorkspace: number
  /** Milliseconds of one run; default one hour. */
  readonly runMsMax?: number
  /** Running it again after it was cut off at any point does no harm. If not, a job that was cut off ends with an error. */
  readonly isRerunnable: boolean
  /** Whether a failure may pass by itself; then it is run again, after growing pauses. Default isPassing. */
  readonly isRetriable?: (err: unknown) => boolean
  /** Runs of one job in all, after crashes and failures; default 5. */
  readonly attemptsMax?: number
  /**
   * Does the work. What it returns are last members of the wire object.
   * A fault's public text is shown to the caller; anything else is a bug: it is logged and the caller is told an id.
   */
  run(input: Input, context: JobContext): Promise<Readonly<Record<string, unknown>> | undefined>
  /** Cleans up what was kept for a job that is over, however it ended, also one that never ran. After a crash it may not be called. */
  ended?(job: Pick<JobContext, 'jobId' | 'workspaceId'>): Promise<void>
}

/** True for faults of which the code says that the same may succeed later. */
export function isPassing(err: unknown): boolean {
  return err instanceof Fault && err.retryable
}
