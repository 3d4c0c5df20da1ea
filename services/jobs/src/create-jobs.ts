// Runs jobs. The catalog's rows are the truth; the queue brings tickets that say "look at this job". So a crash between the two is
// no disagreement: a row without a ticket gets one at the next start, a ticket without its row is void.
import { setTimeout as pause } from 'node:timers/promises'
import type { Job } from '@sandpiper/catalog'
import { fault } from '@sandpiper/faults'
import type { JobClient, JobRequest, Ticket, TicketQueue } from '@sandpiper/queue'

import { createEndings } from './endings.ts'
import type { JobKind } from './job-kind.ts'
import { opOf, type JobsDeps } from './jobs-deps.ts'
import { recoverJobs } from './recover.ts'
import { createReleaser } from './releaser.ts'
import { count, runTicket, type Running } from './run-job.ts'

/** Bounds of running jobs. */
export interface JobsOptions {
  /** Jobs of one workspace that may wait at once; default 100. */
  readonly waitingMax?: number
  /** Hours that finished jobs are kept; default 48. */
  readonly keepHours?: number
  /** Finished jobs kept per workspace; default 1,000. */
  readonly keepMax?: number
}

/** Jobs of this process. */
export interface Jobs extends JobClient {
  /** Takes up what a crash left and begins to run jobs; nothing is run before. Resolves when it runs; goes on trying while the catalog is away. */
  start(): Promise<void>
  /** Stops what runs: it is put back or ended. No job starts any more. */
  close(): Promise<void>
}

const INPUT_LENGTH_MAX = 262_144
/** Milliseconds after which somebody who waits looks by himself. */
const LOOK_EVERY_MS = 2_000
const PRUNE_EVERY_MS = 600_000

/** Makes the jobs of this process out of their kinds. Nothing is opened yet. */
export function createJobs(
  deps: JobsDeps,
  kindList: readonly JobKind[],
  options: JobsOptions = {},
): Jobs {
  const kinds = new Map(kindList.map((kind) => [kind.kind, kind]))
  const runner = deps.newId()
  const running = new Map<string, Running>()
  const endings = createEndings()
  const pruner = createPruner(deps, options)
  const tell = (job: Job): void => {
    deps.ops.job(opOf(job))
    if (!isFinal(job)) return
    endings.announce(job.id)
    pruner.ended()
  }

  let isStarted = false
  let isClosing = false
  let opening: Promise<TicketQueue> | null = null
  const queue = (): Promise<TicketQueue> => {
    opening ??= deps.openQueue(handlers).catch((err: unknown) => {
      opening = null
      throw err
    })
    return opening
  }
  const releaser = createReleaser(deps, kinds, queue)
  const release = (workspaceId: string | null): void => {
    if (isStarted && !isClosing) releaser.release(workspaceId)
  }
  const workspaceOf = new Map<string, string>()
  const handlers = {
    async run(ticket: Ticket): Promise<void> {
      const kind = kinds.get(ticket.kind)
      if (kind === undefined || isClosing) return
      const scope = { deps, runner, running, tell: tellAndKnow }
      await runTicket(scope, kind, ticket)
    },
    done({ jobId }: Ticket): void {
      // Only now can the next of the workspace be known to have room, and the same job get a ticket again.
      release(workspaceOf.get(jobId) ?? null)
      workspaceOf.delete(jobId)
    },
    failed(err: unknown): void {
      deps.logger.warn({ err }, 'the job queue has an error')
    },
  }
  const tellAndKnow = (job: Job): void => {
    workspaceOf.set(job.id, job.workspaceId)
    tell(job)
  }

  return {
    async enqueue(request) {
      const { workspaceId, kind, details = {} } = request
      const input = checkedInput(kinds, request)
      const at = new Date(deps.now()).toISOString()
      const waitingMax = options.waitingMax ?? 100
      const id = request.id ?? deps.newId()
      const job = await deps.catalog.addQueuedJob({
        ...{ id, workspaceId, kind, input, details, at, waitingMax },
      })
      if (job === null) {
        deps.counters.refused++
        throw tooMany(waitingMax)
      }
      deps.counters.enqueued++
      if (job.status === 'waiting') tell(job)
      release(workspaceId)
      return job
    },

    async finished(workspaceId, id, signal) {
      for (;;) {
        const woken = endings.next(id, LOOK_EVERY_MS, signal)
        const job = await deps.catalog.findJob(workspaceId, id)
        if (job === null) throw fault('resource.missing', { public: 'Job not found' })
        if (isFinal(job)) return job
        if (signal.aborted) throw stillRunning(id)
        await woken
      }
    },

    async cancel(workspaceId, id) {
      const at = new Date(deps.now()).toISOString()
      const job = await deps.catalog.cancelJob(workspaceId, id, at)
      if (job?.status === 'working') running.get(id)?.stop('cancelled')
      if (job?.status === 'cancelled' && job.updatedAt === at) {
        count(deps, 'cancelled')
        tell(job)
        release(workspaceId)
      }
      return job
    },

    async start() {
      for (let waitMs = 100; !isClosing && !isStarted; waitMs = Math.min(10_000, waitMs * 2)) {
        try {
          await recoverJobs(deps, kinds, runner, tell)
          isStarted = true
          release(null)
        } catch (err) {
          deps.logger.warn({ err }, 'jobs that were cut off could not be taken up; trying again')
          await pause(waitMs)
        }
      }
    },

    async close() {
      isClosing = true
      await releaser.close()
      for (const run of running.values()) run.stop('shutdown')
      const open = await opening?.catch(() => null)
      await open?.close()
    },
  }
}

function isFinal({ status }: Job): boolean {
  return status !== 'waiting' && status !== 'working'
}

function checkedInput(kinds: ReadonlyMap<string, JobKind>, request: JobRequest): unknown {
  const kind = kinds.get(request.kind)
  if (kind === undefined)
    throw fault('request.invalid', { public: `Jobs of kind '${request.kind}' do not run here.` })
  const parsed = kind.input.safeParse(request.input)
  if (!parsed.success)
    throw fault('request.invalid', {
      public: `The job cannot be started: ${parsed.error.issues[0]?.message ?? 'wrong input'}`,
      cause: parsed.error,
    })
  if (JSON.stringify(request.input).length > INPUT_LENGTH_MAX)
    throw fault('request.too_large', { public: 'The parameters of the job are too long.' })
  return request.input
}

function tooMany(waitingMax: number) {
  return fault('limit.rate', {
    public: `There are ${waitingMax} jobs of this workspace waiting already. Try again when some have finished.`,
    headers: { 'Retry-After': '10' },
  })
}

function stillRunning(id: string) {
  return fault('server.busy', {
    public: `Job ${id} has not finished yet. It goes on: ask for it at /v0/jobs/${id}.`,
    headers: { 'Retry-After': '5' },
  })
}

/** Removes old jobs, now and then while jobs end: an idle server has nothing to remove. */
function createPruner(
  deps: JobsDeps,
  { keepHours = 48, keepMax = 1_000 }: JobsOptions,
): { ended(): void } {
  let last: number | null = null
  return {
    ended() {
      const now = deps.now()
      if (last !== null && now - last < PRUNE_EVERY_MS) return
      last = now
      const before = new Date(now - keepHours * 3_600_000).toISOString()
      deps.catalog.pruneJobs({ before, keepMax }).catch((err: unknown) => {
        deps.logger.warn({ err }, 'old jobs could not be removed')
      })
    },
  }
}
