// The running side of jobs: takes up what a crash left, hands tickets to the queue, runs what comes back.
import { setTimeout as pause } from 'node:timers/promises'
import type { Job } from '@sandpiper/catalog'
import type { Ticket, TicketHandlers, TicketQueue } from '@sandpiper/queue'

import type { JobsOptions } from './jobs-options.ts'
import { createEndings, type Endings } from './endings.ts'
import type { JobKind } from './job-kind.ts'
import { opOf, type JobsDeps } from './jobs-deps.ts'
import { createPruner } from './pruner.ts'
import { recoverJobs } from './recover.ts'
import { createReleaser, type Releaser } from './releaser.ts'
import { runTicket, type Running } from './run-job.ts'
import { createPresence } from './presence.ts'

export interface JobsHost {
  readonly kinds: ReadonlyMap<string, JobKind>
  readonly endings: Endings
  /** What runs in this process, by job id. */
  readonly running: ReadonlyMap<string, Running>
  /** A row changed: whoever waits or logs is told. */
  readonly tell: (job: Job) => void
  /** Jobs of a workspace may start. */
  readonly release: (workspaceId: string | null) => void
  start(): Promise<void>
  close(): Promise<void>
}

const START_PAUSE_MS = 100
const START_PAUSE_MS_MAX = 10_000

export function createJobsHost(
  deps: JobsDeps,
  kindList: readonly JobKind[],
  options: JobsOptions,
): JobsHost {
  const kinds = new Map(kindList.map((kind) => [kind.kind, kind]))
  const runner = deps.newId()
  const running = new Map<string, Running>()
  const endings = createEndings()
  const pruner = createPruner(deps, options)
  let state: 'new' | 'started' | 'closing' = 'new'
  const isClosing = (): boolean => state === 'closing'

  const tell = (job: Job): void => {
    deps.ops.job(opOf(job))
    if (!isFinal(job)) return
    endings.announce(job.id)
    pruner.ended()
    cleanUp(deps, kinds.get(job.kind), job)
  }
  const release = (workspaceId: string | null): void => {
    if (state === 'started') releaser.release(workspaceId)
  }
  const handlers = createHandlers({ deps, kinds, runner, running, tell, release, isClosing })
  const queue = openOnce(() => deps.openQueue(handlers))
  const releaser: Releaser = createReleaser(deps, kinds, queue.get)
  const presence =
    options.beside === undefined
      ? null
      : createPresence(deps, { ...options.beside, runner, running, kinds, tell, release })

  return {
    ...{ kinds, endings, running, tell, release },
    async start() {
      for (let waitMs = START_PAUSE_MS; state === 'new'; waitMs *= 2) {
        try {
          if (presence === null) await recoverJobs(deps, kinds, runner, tell)
          else await presence.start()
          if (!isClosing()) state = 'started'
          release(null)
        } catch (err) {
          deps.logger.warn({ err }, 'jobs that were cut off could not be taken up; trying again')
          await pause(Math.min(START_PAUSE_MS_MAX, waitMs))
        }
      }
    },
    async close() {
      state = 'closing'
      await releaser.close()
      for (const run of running.values()) run.stop('shutdown')
      await (await queue.opened())?.close()
      await presence?.close()
    },
  }
}

function cleanUp({ logger }: JobsDeps, kind: JobKind | undefined, job: Job): void {
  kind?.ended?.({ jobId: job.id, workspaceId: job.workspaceId }).catch((err: unknown) => {
    logger.warn({ err, jobId: job.id }, 'what was kept for a job could not be removed')
  })
}

/** Done, failed or cancelled. */
export function isFinal({ status }: Job): boolean {
  return status !== 'waiting' && status !== 'working'
}

interface HandlerScope {
  readonly deps: JobsDeps
  readonly kinds: ReadonlyMap<string, JobKind>
  readonly runner: string
  readonly running: Map<string, Running>
  readonly tell: (job: Job) => void
  readonly release: (workspaceId: string | null) => void
  readonly isClosing: () => boolean
}

function createHandlers(scope: HandlerScope): TicketHandlers {
  const { deps, kinds, release, isClosing } = scope
  const workspaceOf = new Map<string, string>()
  const tell = (job: Job): void => {
    workspaceOf.set(job.id, job.workspaceId)
    scope.tell(job)
  }
  return {
    async run(ticket: Ticket): Promise<void> {
      const kind = kinds.get(ticket.kind)
      if (kind !== undefined && !isClosing()) await runTicket({ ...scope, tell }, kind, ticket)
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
}

/** Opened by the first use; again when that failed. */
function openOnce(open: () => Promise<TicketQueue>): {
  readonly get: () => Promise<TicketQueue>
  /** Null when it never was. */
  opened(): Promise<TicketQueue | null>
} {
  let opening: Promise<TicketQueue> | null = null
  return {
    get() {
      opening ??= open().catch((err: unknown) => {
        opening = null
        throw err
      })
      return opening
    },
    opened: async () => (await opening?.catch(() => null)) ?? null,
  }
}
