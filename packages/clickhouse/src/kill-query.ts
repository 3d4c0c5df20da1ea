// Ends a query that was given up. The embedded engine does so by itself when its connection is closed; a server runs on.
import { randomUUID } from 'node:crypto'
import type { Pool } from 'undici'

import { sendRequest } from './incoming-reply.ts'

/** Milliseconds a server may take to note it. It is asked once: what does not hear of it ends at its own time limit. */
const KILL_TIMEOUT_MS = 5_000

/** What one client ends queries with. */
export interface Killer {
  /** An id for a query that has none. */
  newId(): string
  /** Asks for the end of a query; returns at once and never fails. */
  kill(queryId: string): void
}

/** @param headers those that say who asks. */
export function createKiller(pool: Pool, headers: Readonly<Record<string, string>>): Killer {
  return {
    newId: () => randomUUID(),
    kill(queryId) {
      const asked = {
        path: `/?max_execution_time=5&param_id=${encodeURIComponent(queryId)}`,
        method: 'POST',
        headers: { ...headers },
        body: 'KILL QUERY WHERE query_id = {id:String} ASYNC',
      } as const
      const incoming = sendRequest(pool, asked, 65_536)
      const timer = setTimeout(() => {
        incoming.abort(new Error('nobody heard of it'))
      }, KILL_TIMEOUT_MS)
      incoming.beginning
        .catch(() => undefined)
        .finally(() => {
          clearTimeout(timer)
        })
    },
  }
}
