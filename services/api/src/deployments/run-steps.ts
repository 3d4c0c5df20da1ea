// Runs statements one after the other; when one fails, takes back what was done, newest first.
import { setTimeout as pause } from 'node:timers/promises'

import type { ClickHouse } from '@sandpiper/clickhouse'
import type { Step } from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import type { Logger } from '@sandpiper/telemetry'

/** A statement of a deployment failed; what came before it has been taken back. */
export class StepError extends Error {
  override readonly name = 'StepError'
  readonly resource: string
  /** Whether every undo worked; otherwise something is left for the recovery. */
  readonly isUndone: boolean

  constructor(resource: string, isUndone: boolean, cause: unknown) {
    super('a step of the deployment failed', { cause })
    this.resource = resource
    this.isUndone = isUndone
  }
}

/** Milliseconds one statement may take: filling a table reads all rows of its source. */
const STEP_TIMEOUT_MS = 3_600_000

type Running = Pick<StepDeps, 'logger'> & { readonly clickhouse: Pick<ClickHouse, 'command'> }

export interface StepDeps {
  readonly clickhouse: ClickHouse
  readonly logger: Logger
}

/**
 * Runs steps in order.
 * @param done receives each step before it runs, so that a caller that fails later can undo all of them.
 * @throws StepError with the cause, after undoing everything in `done`.
 */
export async function runSteps(
  deps: Running,
  steps: readonly Step[],
  done: Step[],
  signal?: AbortSignal,
): Promise<void> {
  for (const step of steps) {
    done.push(step)
    try {
      signal?.throwIfAborted()
      const limit = { sql: step.sql, timeoutMs: STEP_TIMEOUT_MS, settings: STEP_SETTINGS }
      await deps.clickhouse.command(signal === undefined ? limit : { ...limit, signal })
    } catch (cause) {
      throw new StepError(step.resource, await undoSteps(deps, done), cause)
    }
  }
}

/** A fill is not a caller's query: it may read everything and create as many partitions as its rows have. */
const STEP_SETTINGS = { max_partitions_per_insert_block: 0, insert_deduplicate: 0 }

/** An engine that died in the middle of a step is started anew within seconds. Milliseconds. */
const UNDO_PATIENCE_MS = 120_000
const UNDO_PAUSE_MS = 100

/**
 * Takes steps back, newest first, and empties the list. False when an undo failed.
 * Waits for an engine that is away: were the turn given back before, rows would pass a view that is still missing.
 */
export async function undoSteps(deps: Running, done: Step[]): Promise<boolean> {
  const giveUpAtMs = performance.now() + UNDO_PATIENCE_MS
  let isUndone = true
  for (let step = done.pop(); step !== undefined; step = done.pop()) {
    for (const sql of step.undo) {
      try {
        await undo(deps, sql, giveUpAtMs)
      } catch (err) {
        isUndone = false
        deps.logger.warn({ err, sql }, 'cannot undo a step of a deployment')
      }
    }
  }
  return isUndone
}

async function undo(deps: Running, sql: string, giveUpAtMs: number): Promise<void> {
  for (;;) {
    try {
      await deps.clickhouse.command({ sql, timeoutMs: STEP_TIMEOUT_MS })
      return
    } catch (err) {
      const isAway = err instanceof Fault && err.code === 'engine.unavailable'
      if (!isAway || performance.now() > giveUpAtMs) throw err
      await pause(UNDO_PAUSE_MS)
    }
  }
}
