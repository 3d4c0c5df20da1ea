// One run of one job: from a ticket to the row that says what has come of it.
import { setTimeout as pause } from 'node:timers/promises'
import type { Job, JobEnd, JobHold, JobToRun } from '@sandpiper/catalog'
import { Fault } from '@sandpiper/faults'
import type { Ticket } from '@sandpiper/queue'

import { isPassing, type JobKind } from './job-kind.ts'
import { JobStopped, type StopReason } from './job-stopped.ts'
import type { JobsDeps } from './jobs-deps.ts'
import { createNotebook, type Notebook } from './notebook.ts'

const RUN_MS_MAX = 3_600_000
const ATTEMPTS_MAX = 5
/** Milliseconds between two storings of what a job tells. */
const NOTE_EVERY_MS = 1_000
/** Milliseconds a job may take to end after it was told to. */
const GRACE_MS = 30_000
const RETRY_MS = 1_000
const RETRY_MS_MAX = 60_000

/** A run that can be stopped. */
export interface Running {
  stop(reason: StopReason): void
}

/** What runs share. */
export interface RunScope {
  readonly deps: JobsDeps
  readonly runner: string
  readonly running: Map<string, Running>
  /** The row changed. */
  readonly tell: (job: Job) => void
  /** Whether this process is ending: what was being taken up meanwhile is put back. */
  readonly isClosing: () => boolean
}

/** Takes up the job of a ticket and runs it. Never rejects. */
export async function runTicket(scope: RunScope, kind: JobKind, ticket: Ticket): Promise<void> {
  const { deps, runner } = scope
  const hold: JobHold = { id: ticket.jobId, attempt: ticket.attempt, runner }
  try {
    const at = new Date(deps.now()).toISOString()
    const job = await deps.catalog.claimJob({ ...hold, limit: kind.concurrencyPerWorkspace, at })
    if (job === null) return
    deps.counters.started++
    scope.tell(job)
    await runClaimed(scope, kind, job, hold)
  } catch (err) {
    deps.logger.warn({ err, jobId: ticket.jobId }, 'a job could not be taken up')
    // It is given a new ticket at once: not in a circle without rest.
    await pause(RETRY_MS)
  }
}

/** One run: what it is of, who holds it, what it told, and why it was stopped if it was. */
interface Run {
  readonly kind: JobKind
  readonly job: JobToRun
  readonly hold: JobHold
  readonly notebook: Notebook
  readonly controller: AbortController
  stopped: StopReason | null
}

async function runClaimed(
  scope: RunScope,
  kind: JobKind,
  job: JobToRun,
  hold: JobHold,
): Promise<void> {
  const { deps, running } = scope
  const controller = new AbortController()
  const run: Run = { kind, job, hold, notebook: createNotebook(job), controller, stopped: null }
  const stop = (reason: StopReason): void => {
    run.stopped ??= reason
    controller.abort(new JobStopped(reason))
  }
  running.set(job.id, { stop })
  if (scope.isClosing()) stop('shutdown')
  deps.counters.running++
  const timer = setTimeout(stop, kind.runMsMax ?? RUN_MS_MAX, 'time')
  const notes = storeNotes(deps, run, stop)
  const outcome = await attempt(run)
  clearTimeout(timer)
  await notes.end()
  running.delete(job.id)
  deps.counters.running--
  if (run.stopped !== 'lost') await settle(scope, run, outcome)
}

type Outcome = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly err: unknown }

async function attempt({ kind, job, notebook, controller }: Run): Promise<Outcome> {
  const { signal } = controller
  if (signal.aborted) return { kind: 'failed', err: signal.reason }
  try {
    const input = kind.input.parse(job.input)
    const { id: jobId, workspaceId, attempt } = job
    const { progress, details, block, log } = notebook
    const context = { jobId, workspaceId, attempt, signal, progress, details, block, log }
    const last = await orGivenUp(kind.run(input, context), signal)
    if (last !== undefined) notebook.details(last)
    return { kind: 'done' }
  } catch (err) {
    return { kind: 'failed', err }
  }
}

/** A run that does not end after its signal is left alone: its slot is worth more. */
async function orGivenUp<Result>(run: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const givenUp = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      timer = setTimeout(() => {
        reject(new Error('the job did not stop when it was told to'))
      }, GRACE_MS)
    })
  })
  try {
    return await Promise.race([run, givenUp])
  } finally {
    clearTimeout(timer)
  }
}

/** Stores what the job tells, once a second, and learns that it is to stop when somebody else's process was asked to cancel it. */
function storeNotes(
  deps: JobsDeps,
  { hold, notebook }: Run,
  stop: (reason: StopReason) => void,
): { end(): Promise<void> } {
  let storing: Promise<void> = Promise.resolve()
  let isStoring = false
  const store = async (): Promise<void> => {
    const note = notebook.take()
    if (note === null) return
    try {
      const held = await deps.catalog.noteJob(hold, note, new Date(deps.now()).toISOString())
      if (held === null) stop('lost')
      else if (held.cancelRequested) stop('cancelled')
    } catch (err) {
      // The next note holds everything again.
      deps.logger.debug({ err, jobId: hold.id }, 'the progress of a job could not be stored')
    }
  }
  const timer = setInterval(() => {
    if (isStoring) return
    isStoring = true
    storing = store().finally(() => {
      isStoring = false
    })
  }, NOTE_EVERY_MS)
  return {
    async end() {
      clearInterval(timer)
      await storing
    },
  }
}

async function settle({ deps, tell }: RunScope, run: Run, outcome: Outcome): Promise<void> {
  const { hold, notebook } = run
  const at = (): string => new Date(deps.now()).toISOString()
  const again = outcome.kind === 'failed' ? nextAttempt(deps, run, outcome.err) : null
  const settled = await untilStored(deps, () => {
    if (again !== null) return deps.catalog.requeueJob(hold, { ...again, at: at() })
    const end = endOf(deps, run, outcome)
    if (end.status === 'done') notebook.progress(100)
    return deps.catalog.endJob(hold, { ...end, note: notebook.note(), at: at() })
  })
  if (settled === null) return
  if (settled.status === 'waiting') deps.counters.retried++
  else count(deps, settled.status)
  tell(settled)
}

/** When and why to run it once more; null when it ends here. */
function nextAttempt(
  deps: JobsDeps,
  { kind, job, stopped }: Run,
  err: unknown,
): { notBefore: string | null; error: string | null } | null {
  if (job.attempt + 1 >= (kind.attemptsMax ?? ATTEMPTS_MAX)) return null
  if (stopped === 'shutdown') return kind.isRerunnable ? { notBefore: null, error: null } : null
  if (stopped !== null || !(kind.isRetriable ?? isPassing)(err)) return null
  const base = Math.min(RETRY_MS_MAX, RETRY_MS * 4 ** job.attempt)
  const notBefore = new Date(deps.now() + base * (0.75 + deps.random() / 2)).toISOString()
  return { notBefore, error: textOf(err) }
}

function endOf(
  deps: JobsDeps,
  { job, stopped }: Run,
  outcome: Outcome,
): Pick<JobEnd, 'status' | 'error'> {
  if (outcome.kind === 'done') return { status: 'done', error: null }
  if (stopped === 'cancelled') return { status: 'cancelled', error: null }
  if (stopped === 'time')
    return { status: 'error', error: 'The job took too long and was stopped.' }
  if (stopped === 'shutdown') return { status: 'error', error: INTERRUPTED }
  if (!(outcome.err instanceof Fault))
    deps.logger.error({ err: outcome.err, jobId: job.id, kind: job.kind }, 'bug in a job')
  return { status: 'error', error: textOf(outcome.err) ?? `Internal error. Job ${job.id}.` }
}

/** What callers are told of a job that was cut off and must not be run again. */
export const INTERRUPTED =
  'The server stopped while this job was running. Part of the work may be done; check and start it again.'

function textOf(err: unknown): string | null {
  return err instanceof Fault ? err.details.public : null
}

/** The end of a job must not get lost while this process lives; when it dies the next one finds the row. */
async function untilStored<Result>(deps: JobsDeps, store: () => Promise<Result>): Promise<Result> {
  for (let waitMs = 100; ; waitMs = Math.min(10_000, waitMs * 2)) {
    try {
      return await store()
    } catch (err) {
      deps.logger.warn({ err }, 'the end of a job could not be stored; trying again')
      await pause(waitMs)
    }
  }
}

/** Counts the end of a job. */
export function count({ counters }: Pick<JobsDeps, 'counters'>, status: Job['status']): void {
  if (status === 'done') counters.done++
  else if (status === 'error') counters.failed++
  else if (status === 'cancelled') counters.cancelled++
}
