// Jobs as those see them who run them. Whoever adds or takes up a job of a workspace holds a lock of it for that moment, so that its
// limits hold also when two do so at once.
import { fault } from '@sandpiper/faults'

import { isViolation, type Database, type Queryable } from './database.ts'
import type { JobQueueStore, NewQueuedJob } from './job-queue-contract.ts'
import {
  JOB_COLUMNS,
  JOB_TO_RUN_COLUMNS,
  storable,
  toJob,
  toJobToRun,
  type JobRow,
  type JobToRunRow,
} from './job-rows.ts'
import type { Job } from './records.ts'
import { isUuid } from './uuid.ts'

/** Locks by two numbers: this one, and a hash of the workspace. */
const LOCK = 7_181_003

/** The part of the catalog that those who run jobs work with. */
export function createJobQueueStore(database: Database): JobQueueStore {
  const one = async (sql: string, values: readonly unknown[]): Promise<Job | null> => {
    const [row] = await database.rows<JobRow>(sql, values)
    return row === undefined ? null : toJob(row)
  }
  return {
    addQueuedJob: (job) => addQueuedJob(database, job),
    async jobsToRelease({ limitOf, workspaceId, now, max }) {
      const rows = await database.rows<JobToRunRow>(TO_RELEASE, [
        JSON.stringify(limitOf),
        workspaceId,
        now,
        max,
      ])
      return rows.map(toJobToRun)
    },
    async claimJob({ id, attempt, runner, limit, at }) {
      const [row] = await database.transaction(async (tx) => {
        const [found] = await tx.rows<{ workspace_id: string }>(
          'SELECT workspace_id FROM jobs WHERE id = $1',
          [id],
        )
        if (found === undefined) return []
        await lockJobsOf(tx, found.workspace_id)
        return tx.rows<JobToRunRow>(CLAIM, [id, attempt, runner, at, limit])
      })
      return row === undefined ? null : toJobToRun(row)
    },
    async noteJob({ id, attempt, runner }, note, at) {
      const [row] = await database.rows<{ cancel_requested: boolean }>(
        `UPDATE jobs SET progress = $4, statistics = $5, details = $6, blocks = $7, log = $8, updated_at = $9
         WHERE ${HELD} RETURNING cancel_requested`,
        [id, attempt, runner, ...noteValues(note), at],
      )
      return row === undefined ? null : { cancelRequested: row.cancel_requested }
    },
    endJob: ({ id, attempt, runner }, { status, error, note, at }) =>
      one(
        `UPDATE jobs SET progress = $4, statistics = $5, details = $6, blocks = $7, log = $8, updated_at = $9,
           status = $10, error = $11, runner = NULL, input = 'null'
         WHERE ${HELD} RETURNING ${JOB_COLUMNS}`,
        [id, attempt, runner, ...noteValues(note), at, status, storable(error)],
      ),
    requeueJob: ({ id, attempt, runner }, { notBefore, error, at }) =>
      one(
        `UPDATE jobs SET status = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'waiting' END, attempt = attempt + 1,
           runner = NULL, not_before = $4, error = $5, updated_at = $6,
           input = CASE WHEN cancel_requested THEN 'null'::json ELSE input END
         WHERE ${HELD} RETURNING ${JOB_COLUMNS}`,
        [id, attempt, runner, notBefore, storable(error), at],
      ),
    async cancelJob(workspaceId, id, at) {
      if (!isUuid(workspaceId) || !isUuid(id)) return null
      return one(CANCEL, [workspaceId, id, at])
    },
    ...createRunnerStore(database),
    async pruneJobs({ before, keepMax }) {
      const rows = await database.rows(PRUNE, [before, keepMax])
      return rows.length
    },
  }
}

/** Who runs jobs, and the jobs of those who are gone. */
function createRunnerStore(
  database: Database,
): Pick<JobQueueStore, 'jobsOfOthers' | 'runnerLives' | 'runnerLeaves'> {
  return {
    async jobsOfOthers(runner, silentMs) {
      const rows = await database.rows<JobToRunRow & { runner: string }>(OF_OTHERS, [
        runner,
        silentMs ?? null,
      ])
      return rows.map((row) => ({ ...toJobToRun(row), runner: row.runner }))
    },
    async runnerLives(runner) {
      const rows = await database.rows<{ id: string }>(LIVES, [runner])
      return rows.map((row) => row.id)
    },
    async runnerLeaves(runner) {
      await database.rows(
        `DELETE FROM job_runners WHERE runner = $1 OR seen_at < now() - interval '1 day'`,
        [runner],
      )
    },
  }
}

const HELD = `id = $1 AND attempt = $2 AND runner = $3 AND status = 'working'`

const TO_RELEASE = `
  WITH limits AS (SELECT key AS kind, value::int AS most FROM json_each_text($1::json)),
  working AS (
    SELECT workspace_id, kind, count(*) AS jobs FROM jobs
    WHERE status = 'working' AND ($2::uuid IS NULL OR workspace_id = $2) GROUP BY workspace_id, kind),
  waiting AS (
    SELECT *, row_number() OVER (PARTITION BY workspace_id, kind, is_later ORDER BY position) AS place
    FROM (SELECT *, coalesce(not_before > $3::timestamptz, false) AS is_later FROM jobs) AS jobs
    WHERE status = 'waiting' AND input IS NOT NULL AND ($2::uuid IS NULL OR workspace_id = $2))
  SELECT ${JOB_TO_RUN_COLUMNS.split(', ')
    .map((name) => `waiting.${name}`)
    .join(', ')}
  FROM waiting JOIN limits USING (kind) LEFT JOIN working USING (workspace_id, kind)
  WHERE waiting.place <= $4 AND (is_later OR waiting.place <= limits.most - coalesce(working.jobs, 0))
  ORDER BY waiting.position`

const CLAIM = `
  UPDATE jobs SET status = 'working', runner = $3, updated_at = $4, started_at = coalesce(started_at, $4), not_before = NULL, error = NULL
  WHERE id = $1 AND attempt = $2 AND status = 'waiting' AND input IS NOT NULL
    AND (SELECT count(*) FROM jobs AS others
         WHERE others.workspace_id = jobs.workspace_id AND others.kind = jobs.kind AND others.status = 'working') < $5
  RETURNING ${JOB_TO_RUN_COLUMNS}`

// What is over keeps no input: URLs hold secrets. One statement: between finding a job waiting and cancelling it nobody can take it up.
const CANCEL = `
  UPDATE jobs SET
    cancel_requested = CASE WHEN input IS NOT NULL AND status IN ('waiting', 'working') THEN true ELSE cancel_requested END,
    updated_at = CASE WHEN input IS NOT NULL AND status IN ('waiting', 'working') THEN $3 ELSE updated_at END,
    status = CASE WHEN input IS NOT NULL AND status = 'waiting' THEN 'cancelled' ELSE status END,
    input = CASE WHEN input IS NOT NULL AND status = 'waiting' THEN 'null'::json ELSE input END
  WHERE workspace_id = $1 AND id = $2
  RETURNING ${JOB_COLUMNS}`

const PRUNE = `
  DELETE FROM jobs WHERE status IN ('done', 'error', 'cancelled') AND (updated_at < $1 OR id IN (
    SELECT id FROM (
      SELECT id, row_number() OVER (PARTITION BY workspace_id ORDER BY created_at DESC, position DESC) AS place
      FROM jobs WHERE status IN ('done', 'error', 'cancelled')) AS finished
    WHERE place > $2))
  RETURNING 1`

const OF_OTHERS = `
  SELECT ${JOB_TO_RUN_COLUMNS}, runner FROM jobs
  WHERE status = 'working' AND runner IS DISTINCT FROM $1 AND runner IS NOT NULL
    AND ($2::float8 IS NULL OR NOT EXISTS (
      SELECT 1 FROM job_runners WHERE job_runners.runner = jobs.runner
        AND seen_at > now() - $2::float8 * interval '1 millisecond'))
  ORDER BY position`

const LIVES = `
  WITH lives AS (
    INSERT INTO job_runners (runner, seen_at) VALUES ($1, now())
    ON CONFLICT (runner) DO UPDATE SET seen_at = excluded.seen_at)
  SELECT id FROM jobs WHERE runner = $1 AND status = 'working' AND cancel_requested`

async function lockJobsOf(tx: Queryable, workspaceId: string): Promise<void> {
  await tx.rows('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK, workspaceId])
}

async function addQueuedJob(database: Database, job: NewQueuedJob): Promise<Job | null> {
  try {
    return await database.transaction(async (tx) => {
      await lockJobsOf(tx, job.workspaceId)
      const [old] = await tx.rows<JobRow>(`SELECT ${JOB_COLUMNS} FROM jobs WHERE id = $1`, [job.id])
      if (old !== undefined) return sameJob(toJob(old), job)
      const [row] = await tx.rows<JobRow>(
        `INSERT INTO jobs (id, workspace_id, kind, status, details, created_at, updated_at, input)
         SELECT $1, $2, $3, 'waiting', $4, $5, $5, $6
         WHERE (SELECT count(*) FROM jobs WHERE workspace_id = $2 AND status = 'waiting') < $7
         RETURNING ${JOB_COLUMNS}`,
        [
          ...[job.id, job.workspaceId, job.kind, JSON.stringify(job.details), job.at],
          ...[JSON.stringify(job.input), job.waitingMax],
        ],
      )
      return row === undefined ? null : toJob(row)
    })
  } catch (err) {
    if (isViolation(err, '23503', 'jobs_workspace_id_fkey'))
      throw fault('resource.missing', { public: 'Workspace not found', cause: err })
    throw err
  }
}

function sameJob(old: Job, { workspaceId, kind }: NewQueuedJob): Job {
  if (old.workspaceId === workspaceId && old.kind === kind) return old
  throw fault('request.conflict', { public: 'There is another job with this id.' })
}

function noteValues(note: {
  readonly progress: number | null
  readonly statistics: unknown
  readonly details: unknown
  readonly blocks: unknown
  readonly log: unknown
}): unknown[] {
  const { progress, statistics, details, blocks, log } = note
  return [
    progress,
    statistics === null ? null : JSON.stringify(statistics),
    ...[details, blocks, log].map((each) => JSON.stringify(each)),
  ]
}
