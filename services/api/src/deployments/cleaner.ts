// Removes the tables of replaced deployments, after a grace for requests that read the old map, and after the writer has put
// every row that was accepted for them where it belongs.
import type { Catalog } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import { generationPairs, type DeploymentMap } from '@sandpiper/deployment'
import type { EventLog } from '@sandpiper/eventlog'
import type { Logger } from '@sandpiper/telemetry'

import { removeOld } from './clean-up.ts'
import { withTurn } from './with-turn.ts'
import type { WorkspaceQueue } from './workspace-queue.ts'

export interface CleanerDeps {
  readonly catalog: Catalog
  readonly clickhouse: ClickHouse
  readonly log: EventLog
  readonly logger: Logger
  readonly queue: WorkspaceQueue
  readonly turnTimeoutMs: number
}

export interface Cleaner {
  /** Cleans up after a replaced deployment when its grace is over; tries again as often as it takes. */
  schedule(workspaceId: string, number: number): void
  /** Cleans up everything scheduled now; rejects with the first failure. */
  flush(): Promise<void>
  /** Stops waiting. */
  close(): Promise<void>
}

/** Milliseconds to wait for the writer to pass the last row of an old table. */
const DRAIN_TIMEOUT_MS = 300_000

/** Makes a cleaner. @param graceMs milliseconds between a promotion and the removal. */
export function createCleaner(deps: CleanerDeps, graceMs: number): Cleaner {
  const waiting = new Map<string, { workspaceId: string; number: number; timer: NodeJS.Timeout }>()
  const closing = new AbortController()
  let running = Promise.resolve()

  function schedule(workspaceId: string, number: number): void {
    if (closing.signal.aborted) return
    const key = `${workspaceId}/${number}`
    const timer = setTimeout(() => {
      waiting.delete(key)
      void start(workspaceId, number)
    }, graceMs)
    timer.unref()
    clearTimeout(waiting.get(key)?.timer)
    waiting.set(key, { workspaceId, number, timer })
  }

  async function start(workspaceId: string, number: number): Promise<void> {
    const work = running.then(() => cleanUp(deps, workspaceId, number, closing.signal))
    running = work.catch(() => undefined)
    try {
      await work
    } catch (err) {
      if (closing.signal.aborted) return
      deps.logger.warn(
        { err, workspaceId, number },
        'cannot remove the tables of a replaced deployment yet',
      )
      schedule(workspaceId, number)
    }
  }

  return {
    schedule,
    async flush() {
      const due = [...waiting.values()]
      waiting.clear()
      for (const { workspaceId, number, timer } of due) {
        clearTimeout(timer)
        await running
        await cleanUp(deps, workspaceId, number, closing.signal)
      }
      await running
    },
    async close() {
      closing.abort()
      for (const { timer } of waiting.values()) clearTimeout(timer)
      waiting.clear()
      await running
    },
  }
}

async function cleanUp(
  deps: CleanerDeps,
  workspaceId: string,
  number: number,
  closing: AbortSignal,
): Promise<void> {
  if ((await deps.catalog.findWorkspace(workspaceId)) === null) return
  const old = await deps.catalog.findDeployment(workspaceId, number)
  if (old === null || old.live || old.status === 'deleted') return
  const seen = await deps.catalog.liveMap(workspaceId)
  await drained(deps, await deps.log.durableOf(workspaceId), [old.map, seen.map], closing)
  await deps.queue.run(workspaceId, async () => {
    const live = await deps.catalog.liveMap(workspaceId)
    await withTurn(deps, workspaceId, () =>
      removeOld(deps.clickhouse, workspaceId, old.map, live.map),
    )
    await deps.catalog.updateDeployment(workspaceId, number, { status: 'deleted' })
  })
}

/** Waits until no row in the log is for an old generation any more. */
async function drained(
  deps: CleanerDeps,
  upTo: number,
  [old, live]: readonly [DeploymentMap, DeploymentMap],
  closing: AbortSignal,
): Promise<void> {
  if (upTo === 0) return
  const signal = AbortSignal.any([closing, AbortSignal.timeout(DRAIN_TIMEOUT_MS)])
  await Promise.all(
    generationPairs(old, live).map(({ one }) => deps.log.loaded(one.id, upTo, signal)),
  )
}
