// Turns where processes share the catalog: whoever changes tables of a workspace holds a row, renewed while it is held. A batch begins
// in a transaction that looks at that row under a lock, so a turn is taken by the row alone, and had once no batch is in flight.
import { fault } from '@sandpiper/faults'
import { briefError, type Logger } from '@sandpiper/telemetry'
import { randomUUID } from 'node:crypto'

import type { Database } from './database.ts'

/** The exclusive right to change the tables of one workspace. */
export interface SharedTurn {
  /** Aborted when it could not be renewed in time: writers may load again some seconds later. */
  readonly signal: AbortSignal
  /** Idempotent; never rejects: what cannot be given back ends by itself. */
  release(): Promise<void>
}

/** How long a turn outlives its holder, and how it is renewed. Milliseconds. */
export interface TurnTimes {
  readonly heldMs: number
  readonly renewEveryMs: number
  /** Without a renewal for so long the holder stops, while writers still wait. */
  readonly lostAfterMs: number
  readonly lookEveryMs: number
}

export const TURN_TIMES: TurnTimes = {
  heldMs: 15_000,
  renewEveryMs: 3_000,
  lostAfterMs: 10_000,
  lookEveryMs: 50,
}

export const TURNS_CHANNEL = 'sandpiper_turns'

/** @throws fault `server.busy` (503) when the signal aborts first | `catalog.unavailable`. */
export async function takeSharedTurn(
  deps: { readonly database: Database; readonly logger: Logger; readonly times?: TurnTimes },
  workspaceId: string,
  signal: AbortSignal,
): Promise<SharedTurn> {
  const times = deps.times ?? TURN_TIMES
  const holder = randomUUID()
  await until(() => enter(deps.database, { workspaceId, holder, times }), times, signal)
  const turn = hold({ ...deps, times }, workspaceId, holder)
  try {
    await until(async () => !(await isInFlight(deps.database, workspaceId)), times, signal)
    return turn
  } catch (err) {
    await turn.release()
    throw err
  }
}

interface Entry {
  readonly workspaceId: string
  readonly holder: string
  readonly times: TurnTimes
}

/** Waits for batches that are being begun, for they hold the row; those after it are refused. */
async function enter(database: Database, { workspaceId, holder, times }: Entry): Promise<boolean> {
  const taken = await database.rows(
    `INSERT INTO workspace_turns AS t (workspace_id, turns, holder, held_until)
     VALUES ($1, 1, $2, clock_timestamp() + $3 * interval '1 millisecond')
     ON CONFLICT (workspace_id) DO UPDATE
     SET turns = t.turns + 1, holder = excluded.holder, held_until = excluded.held_until
     WHERE t.held_until IS NULL OR t.held_until <= clock_timestamp() RETURNING 1`,
    [workspaceId, holder, times.heldMs],
  )
  return taken.length > 0
}

async function isInFlight(database: Database, workspaceId: string): Promise<boolean> {
  const found = await database.rows(
    `SELECT 1 FROM writer_batches WHERE in_flight_of = $1 UNION ALL SELECT 1 FROM writer_repairs WHERE in_flight_of = $1 LIMIT 1`,
    [workspaceId],
  )
  return found.length > 0
}

function hold(
  deps: { readonly database: Database; readonly logger: Logger; readonly times: TurnTimes },
  workspaceId: string,
  holder: string,
): SharedTurn {
  const { database, logger, times } = deps
  const lost = new AbortController()
  let renewedAt = performance.now()
  let isRenewing = false

  async function renew(): Promise<void> {
    const startedAt = performance.now()
    const kept = await database.rows(
      `UPDATE workspace_turns SET held_until = clock_timestamp() + $3 * interval '1 millisecond'
       WHERE workspace_id = $1 AND holder = $2 RETURNING 1`,
      [workspaceId, holder, times.heldMs],
    )
    if (kept.length === 0) lost.abort(goneTurn())
    else renewedAt = startedAt
  }

  const timer = setInterval(() => {
    if (performance.now() - renewedAt > times.lostAfterMs) lost.abort(goneTurn())
    if (isRenewing) return
    isRenewing = true
    renew()
      .catch((err: unknown) => {
        logger.warn({ err: briefError(err), workspaceId }, 'a turn could not be renewed yet')
      })
      .finally(() => (isRenewing = false))
  }, times.renewEveryMs)
  timer.unref()

  let releasing: Promise<void> | null = null
  async function release(): Promise<void> {
    clearInterval(timer)
    try {
      await database.transaction(async (tx) => {
        await tx.rows(
          `UPDATE workspace_turns SET turns = turns + 1, holder = NULL, held_until = NULL WHERE workspace_id = $1 AND holder = $2`,
          [workspaceId, holder],
        )
        await tx.rows('SELECT pg_notify($1, $2)', [TURNS_CHANNEL, workspaceId])
      })
    } catch (err) {
      logger.warn({ err, workspaceId }, 'a turn could not be given back: it ends by itself')
    }
  }

  return { signal: lost.signal, release: () => (releasing ??= release()) }
}

function goneTurn(): Error {
  return fault('server.busy', { public: 'The right to change the tables was lost. Try again.' })
}

async function until(
  isDone: () => Promise<boolean>,
  times: TurnTimes,
  signal: AbortSignal,
): Promise<void> {
  while (!(await isDone())) {
    if (signal.aborted)
      throw fault('server.busy', { public: 'The tables are being written or changed. Try again.' })
    await new Promise((resolve) => setTimeout(resolve, times.lookEveryMs))
  }
}
