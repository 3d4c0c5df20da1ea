// The writer's picture of other processes' turns: how many changes it knows of each workspace, and which workspaces it may not load
// because somebody changes their tables. It learns of a turn by a batch that is refused, and of its end by a note or a look.
import { briefError, type Logger } from '@sandpiper/telemetry'

import type { Database } from './database.ts'
import type { KnownTurns } from './writer-place.ts'

/** Who loads. */
export interface TurnListener {
  /** No batch of the workspace can begin until it is opened. */
  closed(workspaceId: string): void
  /** The tables are to be read anew; batches may begin again. */
  opened(workspaceId: string): void
}

export interface WatchedTurns extends KnownTurns {
  /** One listener; told from now on. */
  listen(listener: TurnListener): void
  /** Looks at what is closed: something may have been released. */
  look(): void
  close(): void
}

const LOOK_EVERY_MS = 250

/** Reads what is known of every workspace; call it before any table is looked at. */
export async function watchTurns(database: Database, logger: Logger): Promise<WatchedTurns> {
  const rows = await database.rows<TurnRow>(`${SELECT} WHERE turns > 0 OR held_until IS NOT NULL`)
  // Tables that are being changed just now are not known at all.
  const known = new Map(rows.map((row) => [row.workspace_id, row.is_held ? -1 : Number(row.turns)]))
  const closed = new Set<string>()
  let listener: TurnListener = { closed: () => undefined, opened: () => undefined }
  let timer: NodeJS.Timeout | null = null
  let isLooking = false

  async function lookNow(): Promise<void> {
    const asked = [...closed]
    const found = await database.rows<TurnRow>(`${SELECT} WHERE workspace_id = ANY ($1::text[])`, [
      asked,
    ])
    for (const row of found) {
      if (row.is_held || !closed.delete(row.workspace_id)) continue
      known.set(row.workspace_id, Number(row.turns))
      listener.opened(row.workspace_id)
    }
  }

  function look(): void {
    if (isLooking || closed.size === 0) return
    isLooking = true
    lookNow()
      .catch((err: unknown) => {
        logger.warn({ err: briefError(err) }, 'cannot see yet whose tables are being changed')
      })
      .finally(() => (isLooking = false))
  }

  return {
    known: (workspaceId) => known.get(workspaceId) ?? 0,
    refused(workspaceId) {
      if (closed.has(workspaceId)) return
      closed.add(workspaceId)
      listener.closed(workspaceId)
      look()
      timer ??= setInterval(look, LOOK_EVERY_MS)
    },
    listen(next) {
      listener = next
    },
    look,
    close() {
      closed.clear()
      if (timer !== null) clearInterval(timer)
    },
  }
}

interface TurnRow {
  readonly workspace_id: string
  readonly turns: string
  readonly is_held: boolean
}

const SELECT = `SELECT workspace_id, turns, held_until IS NOT NULL AND held_until > clock_timestamp() AS is_held FROM workspace_turns`
