import type { CopyState, CopyStore } from './copy-contract.ts'
import type { Database } from './database.ts'
import { JOB_COLUMNS, toJob, type JobRow } from './job-rows.ts'
import { isUuid } from './uuid.ts'

interface ScheduleRow {
  readonly workspace_id: string
  readonly pipe_id: string
  readonly pipe_name: string
  readonly schedule: string
  readonly state: CopyState | null
  readonly looked_until: Date | null
}

/** The part of the catalog that knows scheduled copies. */
export function createCopyStore(database: Database): CopyStore {
  return {
    async scheduledCopies() {
      const rows = await database.rows<ScheduleRow>(SCHEDULED)
      return rows.map((row) => ({
        workspaceId: row.workspace_id,
        pipeId: row.pipe_id,
        pipeName: row.pipe_name,
        schedule: row.schedule,
        state: row.state ?? 'running',
        lookedUntil: row.looked_until?.toISOString() ?? null,
      }))
    },
    async noteCopySchedule({ workspaceId, pipeId, schedule, lookedUntil }) {
      await database.rows(
        `INSERT INTO copy_schedules (workspace_id, pipe_id, schedule, state, looked_until)
         SELECT id, $2, $3, 'running', $4 FROM workspaces WHERE id = $1
         ON CONFLICT (workspace_id, pipe_id) DO UPDATE SET schedule = excluded.schedule,
           looked_until = CASE WHEN copy_schedules.schedule = excluded.schedule
             THEN greatest(copy_schedules.looked_until, excluded.looked_until) ELSE excluded.looked_until END`,
        [workspaceId, pipeId, schedule, lookedUntil],
      )
    },
    async setCopyState({ workspaceId, pipeId, schedule, state, at }) {
      await database.rows(
        `INSERT INTO copy_schedules (workspace_id, pipe_id, schedule, state, looked_until)
         SELECT id, $2, $3, $4, $5 FROM workspaces WHERE id = $1
         ON CONFLICT (workspace_id, pipe_id) DO UPDATE SET schedule = excluded.schedule, state = excluded.state,
           looked_until = CASE WHEN copy_schedules.state = excluded.state THEN copy_schedules.looked_until
             ELSE greatest(copy_schedules.looked_until, excluded.looked_until) END`,
        [workspaceId, pipeId, schedule, state, at],
      )
    },
    async copyStates(workspaceId) {
      if (!isUuid(workspaceId)) return new Map()
      const rows = await database.rows<{ pipe_id: string; state: CopyState }>(
        'SELECT pipe_id, state FROM copy_schedules WHERE workspace_id = $1',
        [workspaceId],
      )
      return new Map(rows.map((row) => [row.pipe_id, row.state]))
    },
    async unfinishedCopies(workspaceId, pipeId) {
      if (!isUuid(workspaceId)) return []
      const rows = await database.rows<JobRow>(
        `SELECT ${JOB_COLUMNS} FROM jobs WHERE workspace_id = $1 AND details ->> 'pipe_id' = $2 AND kind = 'copy'
           AND status IN ('waiting', 'working') ORDER BY position`,
        [workspaceId, pipeId],
      )
      return rows.map(toJob)
    },
  }
}

// Texts are looked at before they are taken apart: a map may be megabytes, and few have a schedule. One statement, so that what is
// forgotten is judged by the same maps as what is given.
const SCHEDULED = `
  WITH live AS (
    SELECT w.id AS workspace_id, pipe.value ->> 'id' AS pipe_id, pipe.key AS pipe_name,
      node.value -> 'settings' ->> 'COPY_SCHEDULE' AS schedule
    FROM workspaces w JOIN deployments d ON d.workspace_id = w.id AND d.number = w.live_deployment
    CROSS JOIN LATERAL json_each(d.map -> 'pipes') AS pipe
    CROSS JOIN LATERAL json_array_elements(pipe.value -> 'file' -> 'nodes') AS node
    WHERE w.main_id IS NULL AND strpos(d.map::text, '"COPY_SCHEDULE"') > 0 AND node.value ->> 'type' = 'copy'
      AND lower(node.value -> 'settings' ->> 'COPY_SCHEDULE') <> '@on-demand'),
  forgotten AS (
    DELETE FROM copy_schedules s WHERE NOT EXISTS (
      SELECT 1 FROM live WHERE live.workspace_id = s.workspace_id AND live.pipe_id = s.pipe_id))
  SELECT live.*, s.state, CASE WHEN s.schedule = live.schedule THEN s.looked_until END AS looked_until
  FROM live LEFT JOIN copy_schedules s USING (workspace_id, pipe_id)
  ORDER BY workspace_id, pipe_id`
