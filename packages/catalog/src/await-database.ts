import { setTimeout as pause } from 'node:timers/promises'
import { Fault, fault } from '@sandpiper/faults'
import type { Logger } from '@sandpiper/telemetry'

import type { Database } from './database.ts'

const PAUSE_MS = 100
const PAUSE_MS_MAX = 2_000
const TELL_EVERY_MS = 5_000

/**
 * Waits until Postgres answers and takes writes: it may start at the same time as we do, or be the replica that is about to be promoted. Tells
 * every 5 s what it waits for. What waiting does not mend (no such database, a wrong password) fails at once.
 * @param options.waitMs 0 asks once. @throws fault `catalog.unavailable` with what Postgres or the network said.
 */
export async function awaitDatabase(
  database: Database,
  options: { readonly waitMs: number; readonly logger: Logger },
): Promise<void> {
  const began = performance.now()
  let toldAt = began
  for (let pauseMs = PAUSE_MS; ; pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2)) {
    const why = await whyNot(database)
    if (why === null) return
    const waitedMs = performance.now() - began
    if (waitedMs + pauseMs > options.waitMs) throw notThere(why, waitedMs)
    if (performance.now() - toldAt >= TELL_EVERY_MS) {
      toldAt = performance.now()
      const seconds = Math.round(waitedMs / 1_000)
      options.logger.warn({ why, seconds }, 'waiting for the Postgres of the catalog')
    }
    await pause(pauseMs)
  }
}

/** What keeps us from using it now; null when nothing does. */
async function whyNot(database: Database): Promise<string | null> {
  try {
    const [row] = await database.rows<{ is_replica: boolean }>(
      'SELECT pg_is_in_recovery() AS is_replica',
    )
    return row?.is_replica === true ? 'it is a replica and takes no writes' : null
  } catch (err) {
    if (err instanceof Fault) return err.details.internal ?? err.message
    throw notThere(err instanceof Error ? err.message : String(err), 0)
  }
}

/** For whoever starts us: it names hosts and users, never passwords. */
function notThere(why: string, waitedMs: number): Fault {
  const waited = waitedMs < 1_000 ? '' : ` (waited ${Math.round(waitedMs / 1_000)} s)`
  return fault('catalog.unavailable', {
    public: `The Postgres of the catalog cannot be used: ${why}${waited}.`,
    headers: { 'Retry-After': '1' },
  })
}
