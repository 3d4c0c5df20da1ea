import type { Catalog } from './catalog-contract.ts'
import type { Database } from './database.ts'
import type { Job } from './records.ts'
import { isUuid } from './uuid.ts'

interface JobRow {
  readonly id: string
  readonly workspace_id: string
  readonly kind: string
  readonly status: Job['status']
  readonly error: string | null
  readonly details: Readonly<Record<string, unknown>>
  readonly created_at: Date
  readonly updated_at: Date
}

const SELECT_JOBS =
  'SELECT id, workspace_id, kind, status, error, details, created_at, updated_at FROM jobs'

/** The part of the catalog that knows jobs. */
export function createJobStore(
  database: Database,
): Pick<Catalog, 'putJob' | 'findJob' | 'listJobs'> {
  return {
    async putJob(job) {
      await database.rows(
        `INSERT INTO jobs (id, workspace_id, kind, status, error, details, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (id) DO UPDATE SET status = excluded.status, error = excluded.error, details = excluded.details,
           updated_at = excluded.updated_at
         WHERE jobs.workspace_id = excluded.workspace_id`,
        [
          job.id,
          job.workspaceId,
          job.kind,
          job.status,
          job.error,
          JSON.stringify(job.details),
          job.createdAt,
          job.updatedAt,
        ],
      )
    },
    async findJob(workspaceId, id) {
      if (!isUuid(workspaceId) || !isUuid(id)) return null
      const [row] = await database.rows<JobRow>(
        `${SELECT_JOBS} WHERE workspace_id = $1 AND id = $2`,
        [workspaceId, id],
      )
      return row === undefined ? null : toJob(row)
    },
    async listJobs(workspaceId) {
      if (!isUuid(workspaceId)) return []
      const rows = await database.rows<JobRow>(
        `${SELECT_JOBS} WHERE workspace_id = $1 ORDER BY created_at DESC, id LIMIT 100`,
        [workspaceId],
      )
      return rows.map(toJob)
    },
  }
}

function toJob(row: JobRow): Job {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    kind: row.kind,
    status: row.status,
    error: row.error,
    details: row.details,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
