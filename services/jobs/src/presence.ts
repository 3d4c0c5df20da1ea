// A process that runs jobs beside others: says that it lives, stops its jobs when it could not say so for too long, takes over those of
// others that were silent for longer still, and gives tickets to what waits without one (a queue that was emptied, a job enqueued elsewhere).
import type { Job } from '@sandpiper/catalog'

import type { JobKind } from './job-kind.ts'
import type { JobsDeps } from './jobs-deps.ts'
import type { BesideOptions } from './jobs-options.ts'
import { recoverJobs } from './recover.ts'
import type { Running } from './run-job.ts'

/** This process among others. */
export interface Presence {
  /** Takes over what others left, and goes on doing so. @throws faults of the catalog; call again then. */
  start(): Promise<void>
  /** After the last job of this process was put back. */
  close(): Promise<void>
}

interface PresenceOptions extends BesideOptions {
  readonly runner: string
  readonly running: ReadonlyMap<string, Running>
  readonly kinds: ReadonlyMap<string, JobKind>
  readonly tell: (job: Job) => void
  readonly release: (workspaceId: string | null) => void
}

const SILENT_MS = 90_000
const LOOK_MS = 1_000

export function createPresence(deps: JobsDeps, options: PresenceOptions): Presence {
  const { runner, running, silentMs = SILENT_MS, lookMs = LOOK_MS } = options
  let saidAtMs = performance.now()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  let isLooking = false

  async function look(): Promise<void> {
    // From before it was said: the answer may have taken long.
    const atMs = performance.now()
    const toCancel = await deps.catalog.runnerLives(runner)
    saidAtMs = atMs
    for (const id of toCancel) running.get(id)?.stop('cancelled')
    await recoverJobs(deps, options.kinds, runner, options.tell, silentMs)
  }

  function tick(): void {
    if (performance.now() - saidAtMs > silentMs / 3 && running.size > 0) {
      deps.logger.warn('the catalog was away for so long that jobs of this process are stopped')
      for (const run of running.values()) run.stop('shutdown')
    }
    if (isLooking) return
    isLooking = true
    looking = look()
      .then(() => {
        options.release(null)
      })
      .catch((err: unknown) => {
        deps.logger.debug({ err }, 'this process could not say that it runs jobs')
      })
      .finally(() => {
        isLooking = false
      })
  }

  return {
    async start() {
      await look()
      timer ??= setInterval(tick, lookMs)
    },
    async close() {
      clearInterval(timer)
      await looking
      // Else its jobs, if any are left, are found when it was silent for long enough.
      await deps.catalog.runnerLeaves(runner).catch(() => undefined)
    },
  }
}
