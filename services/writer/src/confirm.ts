// Looks at a batch whose insert returned OK once more before it is called loaded.
import type { Batch } from './batch.ts'
import { type Blocks, risenPartitions } from './doubt.ts'

/** Engines that keep every row of a block: a batch with rows must show in their block numbers. */
const KEEPS_EVERY_ROW = new Set(['MergeTree', 'ReplacingMergeTree'])

/** What kinds of lines an insert was given. */
export interface Brought {
  readonly rows: boolean
  readonly refused: boolean
}

/**
 * Tables that must have the batch by what they are, and show nothing of it. Empty for a good batch. Views may give no rows for a
 * batch and collapsing engines may cancel them out, so those prove nothing by staying as they were.
 */
export function unconfirmed(batch: Batch, brought: Brought, before: Blocks, now: Blocks): string[] {
  const root = batch.targets[0]?.table
  const must = [
    ...(root !== undefined && brought.rows && KEEPS_EVERY_ROW.has(root.engine) ? [root.name] : []),
    ...(brought.refused && batch.quarantineTable !== null ? [batch.quarantineTable] : []),
  ]
  return must.filter((table) => risenPartitions(before, now, table).size === 0)
}
