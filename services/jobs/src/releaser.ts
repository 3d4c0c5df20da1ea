// Gives tickets to the jobs whose turn it is: per workspace the oldest, as many as its kinds allow. All others wait in the catalog
// only, so nobody's hundred jobs stand in the queue before another's one. Giving a ticket twice is harmless, and so is asking often.
import type { TicketQueue } from '@sandpiper/queue'

import type { JobKind } from './job-kind.ts'
import type { JobsDeps } from './jobs-deps.ts'

/** Tickets of one workspace and kind given in one go. */
const RELEASED_MAX = 100
/** Milliseconds before trying again what failed, doubling. */
const PAUSE_MS = 250
const PAUSE_MS_MAX = 15_000

export interface Releaser {
  /** Sees to it soon; repeats it until it has succeeded. @param workspaceId null: all. */
  release(workspaceId: string | null): void
  close(): Promise<void>
}

export function createReleaser(
  deps: Pick<JobsDeps, 'catalog' | 'logger' | 'now'>,
  kinds: ReadonlyMap<string, JobKind>,
  queue: () => Promise<TicketQueue>,
): Releaser {
  const limitOf = Object.fromEntries(
    [...kinds].map(([name, kind]) => [name, kind.concurrencyPerWorkspace]),
  )
  const asked = new Set<string | null>()
  let working: Promise<void> | null = null
  let wake: (() => void) | null = null
  let isClosing = false

  async function giveTickets(workspaceId: string | null): Promise<void> {
    const now = deps.now()
    const jobs = await deps.catalog.jobsToRelease({
      ...{ limitOf, workspaceId, now: new Date(now).toISOString(), max: RELEASED_MAX },
    })
    if (jobs.length === 0) return
    const tickets = await queue()
    for (const { id, kind, attempt, notBefore } of jobs) {
      const delayMs = notBefore === null ? 0 : Math.max(0, Date.parse(notBefore) - now)
      await tickets.add({ jobId: id, kind, attempt }, delayMs)
    }
  }

  async function work(): Promise<void> {
    let pauseMs = PAUSE_MS
    for (let next = first(asked); next !== undefined && !isClosing; next = first(asked)) {
      asked.delete(next)
      try {
        await giveTickets(next)
        pauseMs = PAUSE_MS
      } catch (err) {
        asked.add(next)
        deps.logger.warn({ err }, 'jobs could not be handed to the queue; trying again')
        await pause(pauseMs)
        pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2)
      }
    }
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  return {
    release(workspaceId) {
      asked.add(workspaceId)
      working ??= work().finally(() => {
        working = null
      })
    },
    async close() {
      isClosing = true
      wake?.()
      await working
    },
  }
}

function first<Item>(items: ReadonlySet<Item>): Item | undefined {
  for (const item of items) return item
  return undefined
}
