import { setTimeout as pause } from 'node:timers/promises'
import type { ClickHouse } from '@sandpiper/clickhouse'
import { Fault, fault } from '@sandpiper/faults'

import { isGivenUp } from '../job-stopped.ts'
import { findMutation, killMutation, type MutationPlace, type MutationState } from './mutation.ts'

const LOOK_MS = 50
const LOOK_MS_MAX = 2_000
/** Looks in a row at which the mutation says that it fails, before it is killed: it would hold up all later ones of the table. */
const FAILURES_MAX = 4
const KILL_TRIES = 20
const KILL_PAUSE_MS = 1_000

/**
 * Waits for the end of a mutation; kills it when the job is cancelled or its time is over, leaves it alone when the server stops.
 * @param onProgress how many parts are left.
 * @returns false when it is not there any more.
 * @throws the signal's reason | fault `query.failed` with the engine's text when it fails again and again.
 */
export async function watchMutation(
  clickhouse: ClickHouse,
  place: MutationPlace,
  signal: AbortSignal,
  onProgress: (partsToDo: number) => void,
): Promise<boolean> {
  let failures = 0
  for (let waitMs = LOOK_MS; ; waitMs = Math.min(LOOK_MS_MAX, waitMs * 1.5)) {
    if (signal.aborted) {
      if (isGivenUp(signal)) await killed(clickhouse, place)
      throw signal.reason
    }
    const state = await look(clickhouse, place)
    if (state === null) return false
    if (state !== 'away') {
      if (state.isDone) return true
      if (state.isKilled) throw fault('query.failed', { public: 'The delete was killed.' })
      failures = state.failure === null ? 0 : failures + 1
      if (failures >= FAILURES_MAX) {
        await killMutation(clickhouse, place)
        throw fault('query.failed', { public: state.failure ?? 'The delete fails.' })
      }
      onProgress(state.partsToDo)
    }
    await pause(waitMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Tries until just before nobody waits for the job any more: an engine that is starting is back by then. */
async function killed(clickhouse: ClickHouse, place: MutationPlace): Promise<void> {
  for (let triesLeft = KILL_TRIES; ; triesLeft--) {
    try {
      await killMutation(clickhouse, place)
      return
    } catch (err) {
      if (triesLeft === 1) throw err
      await pause(KILL_PAUSE_MS)
    }
  }
}

/** While the engine is away the mutation rests; it goes on when it is back. */
async function look(
  clickhouse: ClickHouse,
  place: MutationPlace,
): Promise<MutationState | 'away' | null> {
  try {
    return await findMutation(clickhouse, place)
  } catch (err) {
    if (err instanceof Fault && err.retryable) return 'away'
    throw err
  }
}
