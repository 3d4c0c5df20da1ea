// Runs jobs. The catalog's rows are the truth; the queue brings tickets that say "look at this job". So a crash between the two is
// no disagreement: a row without a ticket gets one at the next start, a ticket without its row is void.
import type { Job } from '@sandpiper/catalog'
import { fault } from '@sandpiper/faults'
import type { JobClient, JobRequest } from '@sandpiper/queue'

import type { JobsOptions } from './jobs-options.ts'
import type { JobKind } from './job-kind.ts'
import type { JobsDeps } from './jobs-deps.ts'
import { createJobsHost, isFinal, type JobsHost } from './jobs-host.ts'
import { count } from './run-job.ts'

/** Jobs of this process. */
export interface Jobs extends JobClient {
  /** Takes up what a crash left and begins to run jobs; nothing is run before. Resolves when it runs; goes on trying while the catalog is away. */
  start(): Promise<void>
  /** Stops what runs: it is put back or ended. No job starts any more. */
  close(): Promise<void>
}

const INPUT_LENGTH_MAX = 262_144
const WAITING_MAX = 100
/** Milliseconds after which somebody who waits looks by himself. */
const LOOK_EVERY_MS = 2_000

/** Makes the jobs of this process out of their kinds. Nothing is opened yet. */
export function createJobs(
  deps: JobsDeps,
  kinds: readonly JobKind[],
  options: JobsOptions = {},
): Jobs {
  const host = createJobsHost(deps, kinds, options)
  return {
    enqueue: (request) => enqueue(deps, host, request, options.waitingMax ?? WAITING_MAX),
    finished: (workspaceId, id, signal) => finished(deps, host, workspaceId, id, signal),
    cancel: (workspaceId, id) => cancel(deps, host, workspaceId, id),
    start: () => host.start(),
    close: () => host.close(),
  }
}

async function enqueue(
  deps: JobsDeps,
  { kinds, tell, release }: JobsHost,
  request: JobRequest,
  waitingMax: number,
): Promise<Job> {
  const { workspaceId, kind, details = {} } = request
  const input = checkedInput(kinds, request)
  const at = new Date(deps.now()).toISOString()
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
}

async function finished(
  { catalog }: JobsDeps,
  { endings }: JobsHost,
  workspaceId: string,
  id: string,
  signal: AbortSignal,
): Promise<Job> {
  for (;;) {
    const woken = endings.next(id, LOOK_EVERY_MS, signal)
    const job = await catalog.findJob(workspaceId, id)
    if (job === null) throw fault('resource.missing', { public: 'Job not found' })
    if (isFinal(job)) return job
    if (signal.aborted) throw stillRunning(id)
    await woken
  }
}

async function cancel(
  deps: JobsDeps,
  { running, tell, release }: JobsHost,
  workspaceId: string,
  id: string,
): Promise<Job | null> {
  const at = new Date(deps.now()).toISOString()
  const job = await deps.catalog.cancelJob(workspaceId, id, at)
  if (job?.status === 'working') running.get(id)?.stop('cancelled')
  if (job?.status === 'cancelled' && job.updatedAt === at) {
    count(deps, 'cancelled')
    tell(job)
    release(workspaceId)
  }
  return job
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
