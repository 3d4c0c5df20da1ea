import type { Catalog } from './catalog-contract.ts'
import type { Database } from './database.ts'
import { JOB_COLUMNS, storable, toJob, type JobRow } from './job-rows.ts'
import { isUuid } from './uuid.ts'

/** The part of the catalog that knows jobs as their callers see them. */
export function createJobStore(
  database: Database,
): Pick<Catalog, 'putJob' | 'findJob' | 'listJobs' | 'jobNotes'> {
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
          storable(job.error),
          JSON.stringify(job.details),
          job.createdAt,
          job.updatedAt,
        ],
      )
    },
    async findJob(workspaceId, id) {
      if (!isUuid(workspaceId) || !isUuid(id)) return null
      const [row] = await database.rows<JobRow>(
        `SELECT ${JOB_COLUMNS} FROM jobs WHERE workspace_id = $1 AND id = $2`,
        [workspaceId, id],
      )
      return row === undefined ? null : toJob(row)
    },
    async listJobs(workspaceId, { status, kind, since, limit = 100 } = {}) {
      if (!isUuid(workspaceId)) return []
      const rows = await database.rows<JobRow>(
        `SELECT ${JOB_COLUMNS} FROM jobs
         WHERE workspace_id = $1 AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR kind = $3)
           AND ($4::timestamptz IS NULL OR created_at >= $4 OR status IN ('waiting', 'working'))
         ORDER BY created_at DESC, position DESC LIMIT $5`,
        [workspaceId, status ?? null, storable(kind ?? null), since ?? null, limit],
      )
      return rows.map(toJob)
    },
    async jobNotes(workspaceId, id) {
      if (!isUuid(workspaceId) || !isUuid(id)) return null
      const [row] = await database.rows<{ blocks: unknown[] | null; log: string[] | null }>(
        'SELECT blocks, log FROM jobs WHERE workspace_id = $1 AND id = $2',
        [workspaceId, id],
      )
      return row === undefined ? null : { blocks: row.blocks ?? [], log: row.log ?? [] }
    },
  }
}
