// What those who run jobs ask of the catalog. The rows are the truth: every change names the state it starts from, so that two who
// believe different things cannot both have their way. Every method may throw fault `catalog.unavailable`; all may be repeated.
import type { Job, JobNote, JobToRun } from './records.ts'

/** A job to be queued. */
export interface NewQueuedJob {
  /** UUID. */
  readonly id: string
  readonly workspaceId: string
  readonly kind: string
  /** JSON. */
  readonly input: unknown
  readonly details: Readonly<Record<string, unknown>>
  /** ISO time. */
  readonly at: string
  /** Jobs of the workspace that may wait at once, of all kinds. */
  readonly waitingMax: number
}

/** How a job ends. */
export interface JobEnd {
  readonly status: 'done' | 'error' | 'cancelled'
  readonly error: string | null
  readonly note: JobNote
  readonly at: string
}

/** Who works on which attempt of a job. */
export interface JobHold {
  readonly id: string
  readonly attempt: number
  /** UUID of the process that runs it. */
  readonly runner: string
}

/** Rows of jobs that a queue runs. */
export interface JobQueueStore {
  /**
   * Adds a waiting job. One with the same id, workspace and kind is returned as it is: enqueueing is idempotent.
   * @returns null when too many jobs of the workspace are waiting.
   * @throws fault `request.conflict` when the id belongs to another job | `resource.missing` for an unknown workspace.
   */
  addQueuedJob(job: NewQueuedJob): Promise<Job | null>
  /** Jobs that may start now or are to start later (`notBefore`): per workspace the oldest, as many as `limitOf` leaves beside those at work. */
  jobsToRelease(options: {
    /** Kinds with the number of jobs of it that one workspace may have at work. */
    readonly limitOf: Readonly<Record<string, number>>
    /** Null: of all workspaces. */
    readonly workspaceId: string | null
    readonly now: string
    /** Per workspace and kind, in all. */
    readonly max: number
  }): Promise<JobToRun[]>
  /** Takes up a waiting job. Null when this attempt is not waiting any more, or the workspace has `limit` jobs of the kind at work. */
  claimJob(
    hold: JobHold & { readonly limit: number; readonly at: string },
  ): Promise<JobToRun | null>
  /** Stores what a job tells. @returns whether it is to stop, or null when it is no longer the runner's. */
  noteJob(hold: JobHold, note: JobNote, at: string): Promise<{ cancelRequested: boolean } | null>
  /** Ends a job at work. @returns null when it was no longer the runner's. */
  endJob(hold: JobHold, end: JobEnd): Promise<Job | null>
  /** Puts a job at work back among the waiting, as the next attempt; one that is to stop is cancelled instead. @returns null when it was no longer the runner's. */
  requeueJob(
    hold: JobHold,
    again: {
      readonly notBefore: string | null
      readonly error: string | null
      readonly at: string
    },
  ): Promise<Job | null>
  /** Cancels a waiting job, or asks the runner of one at work to stop. The job as it is then; null when there is none. */
  cancelJob(workspaceId: string, id: string, at: string): Promise<Job | null>
  /**
   * Jobs at work that belong to other runners than this one.
   * @param silentMs only of those that have not said for so long that they live; default: of all.
   */
  jobsOfOthers(
    runner: string,
    silentMs?: number,
  ): Promise<(JobToRun & { readonly runner: string })[]>
  /** Says that a runner lives; it need not have been known. @returns ids of its jobs that are to be cancelled. */
  runnerLives(runner: string): Promise<string[]>
  /** Forgets a runner that has no jobs at work any more, and all that were silent for a day. */
  runnerLeaves(runner: string): Promise<void>
  /** Removes finished jobs that ended before `before`, and the oldest of each workspace beyond `keepMax`. @returns how many. */
  pruneJobs(options: { readonly before: string; readonly keepMax: number }): Promise<number>
}
