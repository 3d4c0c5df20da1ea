// Gives a view batches that it lacks, exactly once. What it would have been given is computed from the log in a scratch database,
// and so is what follows from it in the tables behind it; all of that before anything live is touched. Then block numbers are
// written down and each lacking partition is moved over in one step: a crash is answered by comparing, as it is for a batch.
import type { Catalog, MissingBatch, MissingKey } from '@sandpiper/catalog'
import { type Attempt, attemptName, type Batch, isMergeTree } from './batch.ts'
import { createCounters } from './counters.ts'
import { hasSunk, isAbsent, lowered } from './doubt.ts'
import { isPassing, isTableGone, messageOf } from './engine-errors.ts'
import { fence } from './fence.ts'
import { fillBlocks } from './fill-blocks.ts'
import type { Feed, Target } from './lanes.ts'
import type { LoadDeps } from './load-contract.ts'
import { type FailedView, isOwnFault, movePartitions, writeBlock } from './place.ts'
import type { RepairPlan } from './plan-repair.ts'
import { damagedLine } from './quarantine.ts'
import { createScratch, type Scratch } from './scratch.ts'
import { liveSettings } from './statements.ts'

export interface RepairDeps extends Omit<LoadDeps, 'catalog'> {
  readonly catalog: Pick<Catalog, 'beginRepair' | 'endRepair'>
}

/** One repair: some batches of one view and data source. */
export interface Repair {
  readonly key: MissingKey
  readonly plan: RepairPlan
  /** The frames of all its batches, as if they were one; its targets are those of the plan that are moved. */
  readonly batch: Batch
  readonly batches: readonly MissingBatch[]
}

/** What the catalog keeps of a repair that was begun. */
export interface RepairState {
  readonly workspaceId: string
  readonly database: string
  readonly attempt: Attempt
  /** First sequence of each of its batches. */
  readonly batches: readonly number[]
}

/** The view still cannot take the batches: nothing was written. */
export class StillFailing extends Error {
  override readonly name = 'StillFailing'
}

/**
 * One pass. Resolves with the views behind the repaired one that could not take their part.
 * @param progress its attempt is null until something may have been written. @param enterLane called before that.
 * @throws StillFailing, or what passes: then the same call is made again.
 */
export async function repairView(
  deps: RepairDeps,
  repair: Repair,
  progress: { attempt: Attempt | null },
  enterLane: () => Promise<void>,
): Promise<readonly FailedView[]> {
  const { batch } = repair
  const id = progress.attempt?.id ?? deps.newId()
  const name = attemptName(batch, { id })
  if (progress.attempt !== null) await fence(deps, name, id)
  const { life } = await deps.blocks.read(batch.database, [])
  const scratch = await createScratch(deps.clickhouse, batch.database, `${id}_${deps.newId()}`)
  try {
    const { cuts, failed } = await compute(deps, repair, scratch, { id, name })
    deps.reached('repair-scratched')
    await enterLane()
    const doubt = await begin(deps, repair, progress, id)
    deps.reached('repair-begun')
    if (doubt.life !== life) throw new Error('the engine was started anew during a repair')
    const placing = {
      clickhouse: deps.clickhouse,
      scratch,
      settings: liveSettings(deps.life.guard(life)),
    }
    for (const { table, partitions } of cuts) {
      deps.counters.repairs +=
        partitions === null
          ? await writeBlock(placing, batch, table, doubt)
          : await movePartitions(placing, table, partitions, doubt)
    }
    deps.reached('repair-placed')
    return failed
  } finally {
    deps.blocks.forget(batch.database)
    await deps.spool.remove(name)
    await deps.staging.remove(id).catch(() => undefined)
    await scratch.drop().catch(() => undefined)
  }
}

/** True when a repair that was begun is known to have left nothing, and that is noted. */
export async function abandonRepair(
  deps: RepairDeps,
  repair: Repair,
  attempt: Attempt,
): Promise<boolean> {
  await fence(deps, attemptName(repair.batch, attempt), attempt.id)
  const tables = tablesOf(repair)
  const { blocks: now } = await deps.blocks.read(repair.batch.database, tables)
  if (!isAbsent(attempt.before, now, tables)) return false
  await deps.catalog.endRepair({ ...repair.key, repaired: [], missing: [] })
  return true
}

interface Cut {
  readonly table: string
  /** null for a table without parts. */
  readonly partitions: readonly string[] | null
}

async function compute(
  deps: RepairDeps,
  { plan, batch }: Repair,
  scratch: Scratch,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<{ cuts: Cut[]; failed: FailedView[] }> {
  const files = await deps.spool.write(name, batch.frames, damagedLine(batch.schema.columns))
  // Rows that the engine refuses were quarantined and counted when the batch was loaded.
  const silent = { ...deps, scratch, counters: createCounters() }
  const fill = fillBlocks(silent, batch, { id, name, files })
  for (const { table, feeds } of plan.upstream) {
    await scratch.createBlock(table.name)
    if (table.name === plan.root) await fill.rows()
    for (const feed of feeds) await feedOrFail(scratch, feed)
  }
  const cuts: Cut[] = []
  const failed: FailedView[] = []
  for (const target of plan.moved) {
    const { name: table } = target.table
    await scratch.createBlock(table)
    const cut = await cutTarget(scratch, plan, target)
    failed.push(...cut.failed)
    if (cut.partitions !== undefined) cuts.push({ table, partitions: cut.partitions })
  }
  return { cuts, failed }
}

interface CutResult {
  readonly failed: readonly FailedView[]
  /** undefined when there is nothing to move, null for a table without parts. */
  readonly partitions?: readonly string[] | null
}

/** The first table is what the repair is about: its failure is the repair's. Those behind it may fail by themselves. */
async function cutTarget(scratch: Scratch, plan: RepairPlan, target: Target): Promise<CutResult> {
  const { name, engine } = target.table
  const isFirst = name === plan.feed.view.target
  const failed: FailedView[] = []
  for (const feed of target.feeds) {
    try {
      await feedOrFail(scratch, feed)
    } catch (err) {
      if (isFirst || !(err instanceof StillFailing)) throw err
      failed.push({ view: feed.view.name, message: err.message })
    }
  }
  if (engine === 'Null' || (await scratch.rowsInBlock(name)) === 0) return { failed }
  if (!isMergeTree(engine)) return { failed, partitions: null }
  try {
    return { failed, partitions: await scratch.cutParts(name) }
  } catch (err) {
    const failure = stillFailing(err)
    if (isFirst) throw failure
    // A later repair will bring the rows to it and to what lies behind it.
    await scratch.clearBlock(name)
    return {
      failed: target.feeds.map(({ view }) => ({ view: view.name, message: failure.message })),
    }
  }
}

async function feedOrFail(scratch: Scratch, feed: Feed): Promise<void> {
  // The engine fires no view for an empty block; an aggregate without keys would make a row of nothing.
  if ((await scratch.rowsInBlock(feed.source)) === 0) return
  try {
    await scratch.feedBlock(feed)
  } catch (err) {
    throw stillFailing(err)
  }
}

/** The failure as the view's own. @throws the error itself when it tells nothing about the view. */
function stillFailing(err: unknown): StillFailing {
  if (isTableGone(err) || (isPassing(err) && !isOwnFault({ isLastTry: true }, err))) throw err
  return new StillFailing(messageOf(err))
}

/** Block numbers before and now, written down before anything is moved by them. */
async function begin(
  deps: RepairDeps,
  repair: Repair,
  progress: { attempt: Attempt | null },
  id: string,
): Promise<{
  before: Attempt['before']
  now: Attempt['before']
  life: string
}> {
  const { database, workspaceId } = repair.batch
  const tables = tablesOf(repair)
  const { blocks: now, life } = await deps.blocks.read(database, tables)
  const known = progress.attempt?.before
  if (known !== undefined && !hasSunk(known, now, tables)) return { before: known, now, life }
  const before = known === undefined ? now : lowered(known, now, tables)
  const attempt = { id, before, life }
  const batches = repair.batches.map((each) => each.fromSequence)
  const state: RepairState = { workspaceId, database, attempt, batches }
  await deps.catalog.beginRepair({ ...repair.key, state, inFlightOf: workspaceId })
  progress.attempt = attempt
  return { before, now, life }
}

function tablesOf({ plan }: Repair): string[] {
  return plan.moved.map(({ table }) => table.name)
}
