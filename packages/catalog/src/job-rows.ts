import type { Job, JobToRun } from './records.ts'

/** A row of the table `jobs`. */
export interface JobRow {
  readonly id: string
  readonly workspace_id: string
  readonly kind: string
  readonly status: Job['status']
  readonly error: string | null
  readonly details: Readonly<Record<string, unknown>>
  readonly created_at: Date
  readonly updated_at: Date
  readonly started_at: Date | null
  readonly progress: number | null
  readonly statistics: Readonly<Record<string, unknown>> | null
  readonly cancel_requested: boolean
  readonly attempt: number
}

/** A row with what its runner needs. */
export interface JobToRunRow extends JobRow {
  readonly input: unknown
  readonly not_before: Date | null
}

/** Columns of a JobRow. */
export const JOB_COLUMNS =
  'id, workspace_id, kind, status, error, details, created_at, updated_at, started_at, progress, statistics, cancel_requested, attempt'

/** Columns of a JobToRunRow. */
export const JOB_TO_RUN_COLUMNS = `${JOB_COLUMNS}, input, not_before`

/** The job of a row. */
export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    kind: row.kind,
    status: row.status,
    error: row.error,
    details: row.details,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    progress: row.progress,
    statistics: row.statistics,
    cancelRequested: row.cancel_requested,
    attempt: row.attempt,
  }
}

/** The job of a row, with its input. */
export function toJobToRun(row: JobToRunRow): JobToRun {
  return { ...toJob(row), input: row.input, notBefore: row.not_before?.toISOString() ?? null }
}

/** A text as Postgres can store it: it has no NUL. */
export function storable(text: string | null): string | null {
  return text?.replaceAll('\0', '\uFFFD') ?? null
}
