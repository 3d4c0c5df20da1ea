// Brings one batch to exactly the targets and partitions that lack it, whatever an earlier attempt did. The exact way: used after
// doubt, for rows or views that the engine refuses, for batches over the partition limit and for targets reached along several ways.
// What each target should get is computed from the batch's own rows in a scratch database, never from the live table, whose rows may
// have been merged away or may never have been kept (Null). Only then is each lacking partition moved over, each in one step.
import type { ClickHouse } from '@sandpiper/clickhouse'
import { isMergeTree, type Batch } from './batch.ts'
import { type Blocks, isAbsent, lackingPartitions } from './doubt.ts'
import { isLimit, isPassing, messageOf } from './engine-errors.ts'
import type { Target } from './lanes.ts'
import type { LiveSettings, Scratch } from './scratch.ts'
import { qualified } from './statements.ts'

/** A view that could not take the batch. */
export interface FailedView {
  readonly view: string
  readonly message: string
}

export interface Placement {
  readonly failedViews: readonly FailedView[]
  /** Partitions that were moved; 0 when every target had the batch already. */
  readonly moved: number
}

/** Block numbers before the attempt and now. */
export interface Doubt {
  readonly before: Blocks
  readonly now: Blocks
}

/** What a placement works with. */
export interface PlaceDeps {
  readonly clickhouse: ClickHouse
  readonly scratch: Scratch
  /** Fills the block of the table that the batch is loaded into, and that of its quarantine table. */
  readonly fill: { rows(): Promise<void>; refused(into: string): Promise<void> }
  /** The batch met limits (memory, time) so often that a view which meets one again counts as failing. */
  readonly isLastTry: boolean
  /** Of the statements that write to live tables. */
  readonly settings: LiveSettings
}

/**
 * Places the batch. Rejects when the engine fails in passing: the batch is then still in doubt and the same call may be made again
 * with a new scratch and new block numbers.
 */
export async function placeBatch(deps: PlaceDeps, batch: Batch, doubt: Doubt): Promise<Placement> {
  const failedViews: FailedView[] = []
  let moved = 0
  for (const target of batch.targets) {
    const { name } = target.table
    await deps.scratch.createBlock(name)
    if (name === batch.table) await deps.fill.rows()
    else failedViews.push(...(await feed(deps, target)))
    if ((await deps.scratch.rowsInBlock(name)) === 0) continue
    const settled = await settle(deps, batch, target, doubt)
    moved += settled.moved
    failedViews.push(...settled.failedViews)
  }
  // Last, because filling the rows is what finds out which of them are refused.
  if (batch.quarantineTable !== null) {
    await deps.scratch.createBlock(batch.quarantineTable)
    await deps.fill.refused(batch.quarantineTable)
    if ((await deps.scratch.rowsInBlock(batch.quarantineTable)) > 0) {
      const partitions = await deps.scratch.cutParts(batch.quarantineTable)
      moved += await movePartitions(deps, batch.quarantineTable, partitions, doubt)
    }
  }
  return { failedViews, moved }
}

/** Runs the views of a target over what their sources got. A view that throws leaves the others alone. */
async function feed(deps: PlaceDeps, target: Target): Promise<FailedView[]> {
  const failed: FailedView[] = []
  for (const each of target.feeds) {
    // The engine fires no view for an empty block; an aggregate without keys would make a row of nothing.
    if ((await deps.scratch.rowsInBlock(each.source)) === 0) continue
    try {
      await deps.scratch.feedBlock(each)
    } catch (err) {
      if (!isOwnFault(deps, err)) throw err
      failed.push({ view: each.view.name, message: messageOf(err) })
    }
  }
  return failed
}

/** Whether a failure is a view's own: an engine that is away never is. */
export function isOwnFault(deps: Pick<PlaceDeps, 'isLastTry'>, err: unknown): boolean {
  return !isPassing(err) || (isLimit(err) && deps.isLastTry)
}

async function settle(
  deps: PlaceDeps,
  batch: Batch,
  target: Target,
  doubt: Doubt,
): Promise<Placement> {
  const { name, engine } = target.table
  if (engine === 'Null') return { failedViews: [], moved: 0 }
  if (!isMergeTree(engine))
    return { failedViews: [], moved: await writeBlock(deps, batch, name, doubt) }
  let partitions: string[]
  try {
    partitions = await deps.scratch.cutParts(name)
  } catch (err) {
    // The target refuses what its views made (a constraint, a partition key that throws): the others go on without it.
    if (name === batch.table || !isOwnFault(deps, err)) throw err
    const message = messageOf(err)
    // A repair will bring the rows to it and to what lies behind it.
    await deps.scratch.clearBlock(name)
    return { failedViews: target.feeds.map(({ view }) => ({ view: view.name, message })), moved: 0 }
  }
  return { failedViews: [], moved: await movePartitions(deps, name, partitions, doubt) }
}

/** Tables without parts tell nothing (Join, Memory): they are written when nothing else of the batch was. */
export async function writeBlock(
  deps: Pick<PlaceDeps, 'clickhouse' | 'scratch' | 'settings'>,
  batch: Batch,
  table: string,
  doubt: Doubt,
): Promise<number> {
  const others = batch.targets.map((target) => target.table.name)
  if (!isAbsent(doubt.before, doubt.now, others)) return 0
  const into = qualified(batch.database, table)
  await deps.clickhouse.command({
    sql: `INSERT INTO ${into} SELECT * FROM ${deps.scratch.blockName(table)}`,
    settings: deps.settings,
  })
  return 1
}

export async function movePartitions(
  deps: Pick<PlaceDeps, 'scratch' | 'settings'>,
  table: string,
  partitions: readonly string[],
  doubt: Doubt,
): Promise<number> {
  const lacking = lackingPartitions(partitions, doubt.before, doubt.now, table)
  for (const partition of lacking) await deps.scratch.movePartition(table, partition, deps.settings)
  return lacking.length
}
