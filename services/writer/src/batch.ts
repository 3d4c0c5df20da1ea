// One batch of one data source: what it carries, where it goes, and what is known about an attempt to load it.
import type { SchemaVersion } from '@sandpiper/catalog'
import type { FrameRef } from '@sandpiper/eventlog'
import type { Blocks } from './doubt.ts'
import type { Target } from './lanes.ts'

/** Frames of one data source and schema version, and the tables they reach. */
export interface Batch {
  readonly dataSourceId: string
  readonly workspaceId: string
  readonly frames: readonly FrameRef[]
  readonly fromSequence: number
  readonly toSequence: number
  readonly schema: SchemaVersion
  readonly database: string
  readonly table: string
  /** null when the engine has none; then refused lines can only be counted. */
  readonly quarantineTable: string | null
  /** What a load of the table writes to, the table itself first. Without the quarantine table. */
  readonly targets: readonly Target[]
}

/** An attempt that was begun: until it is confirmed, nobody knows which targets have the batch. */
export interface Attempt {
  /** Part of every statement and file of the attempt. */
  readonly id: string
  readonly before: Blocks
  /** The life of the engine that the statements of the attempt are meant for; null when it came from a writer that named none. */
  readonly life: string | null
}

/** How an attempt of a batch is told from every other in file names and statements. */
export function attemptName(
  batch: Pick<Batch, 'dataSourceId' | 'fromSequence' | 'toSequence'>,
  attempt: Pick<Attempt, 'id'>,
): string {
  return `${batch.dataSourceId}-${batch.fromSequence}-${batch.toSequence}.${attempt.id}`
}

/** Every table whose block numbers tell about the batch. */
export function tablesOf(batch: Batch): string[] {
  const tables = batch.targets.map((target) => target.table.name)
  return batch.quarantineTable === null ? tables : [...tables, batch.quarantineTable]
}

export function isMergeTree(engine: string): boolean {
  return engine.endsWith('MergeTree')
}

/** The batch record's document: `attempt` is null when what was begun is known to have left nothing. */
export function attemptState(workspaceId: string, attempt: Attempt | null): AttemptState {
  return { workspaceId, attempt }
}

export interface AttemptState {
  readonly workspaceId: string
  readonly attempt: Attempt | null
}

/** Reads the document of attemptState; null when there is nothing in doubt. */
export function readAttemptState(state: unknown): { workspaceId: string; attempt: Attempt } | null {
  if (state === null || typeof state !== 'object' || !('attempt' in state)) return null
  const { workspaceId, attempt } = state as AttemptState
  return attempt === null ? null : { workspaceId, attempt }
}
