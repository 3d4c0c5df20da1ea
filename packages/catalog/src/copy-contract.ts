// What the catalog knows of copies that run by a schedule. Schedules are those of the live maps; branches have none.
import type { Job } from './records.ts'

/** Whether the runs of a schedule are queued; `cancelled`: paused by a cancel. */
export type CopyState = 'running' | 'paused' | 'cancelled'

/** A copy pipe of a live map with a schedule. */
export interface ScheduledCopy {
  readonly workspaceId: string
  readonly pipeId: string
  readonly pipeName: string
  /** Five fields, as deployed. */
  readonly schedule: string
  readonly state: CopyState
  /** ISO time up to which its runs have been seen to; null when this schedule is new. */
  readonly lookedUntil: string | null
}

/** The part of the catalog that knows scheduled copies. */
export interface CopyStore {
  /** All schedules of main workspaces that are live now. What was kept of others is forgotten. */
  scheduledCopies(): Promise<ScheduledCopy[]>
  /** Notes up to when a schedule has been seen to; keeps its state. Idempotent. */
  noteCopySchedule(copy: {
    readonly workspaceId: string
    readonly pipeId: string
    readonly schedule: string
    readonly lookedUntil: string
  }): Promise<void>
  /** Pauses or resumes. Runs that were due before `at` do not come back. */
  setCopyState(copy: {
    readonly workspaceId: string
    readonly pipeId: string
    readonly schedule: string
    readonly state: CopyState
    readonly at: string
  }): Promise<void>
  /** State by pipe id; what is not named runs. */
  copyStates(workspaceId: string): Promise<ReadonlyMap<string, CopyState>>
  /** Copy jobs of a pipe that wait or work, in the order of coming. */
  unfinishedCopies(workspaceId: string, pipeId: string): Promise<Job[]>
}
