// Runs of copy pipes by their schedules. Schedules are those of the live maps, looked at once a minute: a promotion, a rollback, a removed
// pipe or workspace needs no telling. What was seen to is kept in the catalog, and a run's job has an id that follows from the pipe and the
// minute, so that being killed between the two queues nothing twice. Of runs missed while the server was down the latest is made up for.
import { createHash } from 'node:crypto'

import type { Catalog, ScheduledCopy } from '@sandpiper/catalog'
import { copyDetails, JOB_TIMESTAMP, jobTimestamp, type CopyInput } from '@sandpiper/contracts'
import { lastRun, parseCron } from '@sandpiper/datafile'
import { copyOf, findDataSource, findPipe } from '@sandpiper/deployment'
import type { JobClient } from '@sandpiper/queue'
import type { Logger, OpsLog } from '@sandpiper/telemetry'

import type { CopyCounters } from './copy-deps.ts'

/** What schedules use. */
export interface SchedulesDeps {
  readonly catalog: Pick<
    Catalog,
    'scheduledCopies' | 'noteCopySchedule' | 'unfinishedCopies' | 'liveMap'
  >
  readonly jobs: Pick<JobClient, 'enqueue'>
  readonly ops: OpsLog
  readonly logger: Logger
  readonly counters: Pick<CopyCounters, 'scheduled' | 'skipped'>
  /** Unix milliseconds. */
  readonly now: () => number
}

/** The clock of copies. */
export interface Schedules {
  /** Looks now and then each minute, until closed. */
  start(): void
  /** Queues what is due. Looks that come while one runs share it. */
  look(): Promise<void>
  close(): Promise<void>
}

const MINUTE_MS = 60_000
/** Behind the full minute, so that a clock that is corrected by a little is past it. */
const BEHIND_MS = 100

/** Makes the clock of this process; one process runs the jobs of a catalog. */
export function createSchedules(deps: SchedulesDeps): Schedules {
  let lookedAt: number | null = null
  let looking: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null
  let isClosed = false

  async function lookOnce(): Promise<void> {
    const now = deps.now()
    for (const copy of await deps.catalog.scheduledCopies()) {
      if (isClosed) return
      try {
        await seeTo(deps, copy, { now, lookedAt: lookedAt ?? now })
      } catch (err) {
        // It is still due at the next look.
        const { workspaceId, pipeName } = copy
        deps.logger.warn({ err, workspaceId, pipeName }, 'a scheduled copy could not be queued')
      }
    }
    lookedAt = now
  }
  const look = (): Promise<void> =>
    (looking ??= lookOnce().finally(() => {
      looking = null
    }))
  const again = (): void => {
    if (isClosed) return
    const waitMs = MINUTE_MS - (deps.now() % MINUTE_MS) + BEHIND_MS
    timer = setTimeout(run, waitMs)
    timer.unref()
  }
  const run = (): void => {
    look()
      .catch((err: unknown) => {
        deps.logger.warn({ err }, 'the schedules of copies could not be read')
      })
      .finally(again)
  }
  return {
    start: run,
    look,
    async close() {
      isClosed = true
      if (timer !== null) clearTimeout(timer)
      await looking?.catch(() => undefined)
    },
  }
}

async function seeTo(
  deps: SchedulesDeps,
  copy: ScheduledCopy,
  at: { readonly now: number; readonly lookedAt: number },
): Promise<void> {
  const { workspaceId, pipeId, schedule, state } = copy
  const due = dueAt(schedule, at.now)
  const noted = copy.lookedUntil === null ? null : Date.parse(copy.lookedUntil)
  // A schedule that was not there at the last look went live since then. A time to come was noted by a clock that was ahead.
  const from = noted === null || noted > at.now ? at.lookedAt : noted
  const isDue = due !== null && due > from && state === 'running'
  if (isDue) await queueOrSkip(deps, copy, due)
  if (!isDue && copy.lookedUntil !== null) return
  const until = Math.max(from, due ?? from)
  const lookedUntil = new Date(until).toISOString()
  await deps.catalog.noteCopySchedule({ workspaceId, pipeId, schedule, lookedUntil })
}

function dueAt(schedule: string, now: number): number | null {
  const cron = parseCron(schedule)
  // Deployed before a rule it breaks.
  return 'message' in cron ? null : lastRun(cron, now)
}

async function queueOrSkip(deps: SchedulesDeps, copy: ScheduledCopy, due: number): Promise<void> {
  const { workspaceId, pipeId } = copy
  const { map } = await deps.catalog.liveMap(workspaceId)
  const pipe = findPipe(map, pipeId)
  const found = pipe === undefined ? null : copyOf(pipe.file)
  const target = found === null ? undefined : findDataSource(map, found.target)
  if (pipe === undefined || found === null || target === undefined) return
  const id = runId(copy, due)
  const input: CopyInput = {
    ...{ pipeId, pipeName: pipe.file.name, mode: found.mode, requestId: id },
    ...{ dataSourceId: target.id, dataSourceName: target.file.name },
    params: { [JOB_TIMESTAMP]: jobTimestamp(due) },
    scheduledAt: new Date(due).toISOString(),
  }
  const before = (await deps.catalog.unfinishedCopies(workspaceId, pipeId)).filter(
    (job) => job.id !== id,
  )
  if (before.length > 0) {
    skip(deps, workspaceId, input)
    return
  }
  await deps.jobs.enqueue({ id, kind: 'copy', workspaceId, input, details: copyDetails(input) })
  deps.counters.scheduled += 1
}

function skip(deps: SchedulesDeps, workspaceId: string, input: CopyInput): void {
  const { dataSourceId, dataSourceName, pipeId, pipeName, mode, requestId } = input
  const scheduledAt = input.scheduledAt ?? ''
  deps.counters.skipped += 1
  const error = `The run that was due at ${scheduledAt} was skipped: the one before has not ended.`
  const at = deps.now()
  deps.ops.dataSourceOp({
    ...{ workspaceId, dataSourceId, dataSourceName, pipeId, pipeName, error },
    ...{ eventType: 'copy', elapsedSeconds: 0, rows: 0, rowsQuarantine: 0 },
    ...{ jobId: requestId, operationId: requestId },
    options: { mode, scheduled_at: scheduledAt },
  })
  deps.ops.job({
    ...{ workspaceId, jobId: requestId, jobType: 'copy', status: 'cancelled', error },
    ...{ createdAtMs: at, startedAtMs: null, updatedAtMs: at, pipeId, pipeName },
    metadata: copyDetails(input),
  })
}

/** A UUID that follows from the pipe and the minute. */
function runId({ workspaceId, pipeId }: ScheduledCopy, due: number): string {
  const hex = createHash('sha256').update(`copy ${workspaceId} ${pipeId} ${due}`).digest('hex')
  // Version 8: made by our own rule.
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`]
  return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}
