// What loading a batch works with, and what it tells.
import type { Catalog } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { Logger } from '@sandpiper/telemetry'
import { type Attempt, attemptState, type Batch } from './batch.ts'
import type { BlockNumbers } from './blocks.ts'
import type { Counters } from './counters.ts'
import type { EngineLife } from './engine-life.ts'
import type { Spool } from './spool.ts'
import type { Staging } from './staging.ts'

export interface LoadDeps {
  readonly clickhouse: ClickHouse
  readonly catalog: Pick<Catalog, 'beginBatch'>
  readonly blocks: BlockNumbers
  readonly spool: Spool
  readonly staging: Staging
  readonly life: EngineLife
  readonly counters: Counters
  readonly logger: Logger
  /** Short, unique, of `[0-9a-z]` only. */
  readonly newId: () => string
  readonly sleep: (ms: number) => Promise<void>
  /** Unix milliseconds. */
  readonly now: () => number
  /** Called between the steps of a load; tests stop the process there. */
  readonly reached: (step: LoadStep) => void
}

export type LoadStep = (typeof LOAD_STEPS)[number]

export const LOAD_STEPS = [
  ...([
    'begun',
    'spooled',
    'inserted',
    'abandoned',
    'scratched',
    'placed',
    'stored',
    'confirmed',
  ] as const),
  ...(['repair-begun', 'repair-scratched', 'repair-placed', 'repaired'] as const),
] as const

/** What is known about a batch between two passes. */
export interface LoadProgress {
  attempt: Attempt | null
  /** True when the plain insert is known not to do for this batch. */
  exact: boolean
  /** True when the batch may reach more partitions than a plain insert may write. */
  wide: boolean
  /** How often the batch met a limit of the engine (memory, time). */
  limitHits: number
}

/** The record of a batch that is begun, or known to have left nothing. */
export function recordOf(
  batch: Batch,
  attempt: Attempt | null,
): Parameters<Catalog['beginBatch']>[0] {
  const { dataSourceId, fromSequence, toSequence, workspaceId } = batch
  return {
    ...{ dataSourceId, fromSequence, toSequence, state: attemptState(workspaceId, attempt) },
    inFlightOf: attempt === null ? null : workspaceId,
  }
}
