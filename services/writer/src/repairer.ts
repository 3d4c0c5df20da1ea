// Repairs views that lack batches, one repair at a time, oldest batches first: again and again with growing pauses, and at once when
// somebody changed the tables of the workspace. Costs nothing while no view lacks anything.
import type { Catalog, MissingBatch, MissingKey } from '@sandpiper/catalog'
import { databaseName } from '@sandpiper/deployment'
import type { EventLogReader, FrameRef } from '@sandpiper/eventlog'
import type { OpsLog } from '@sandpiper/telemetry'
import type { Attempt, Batch } from './batch.ts'
import type { BatchLimits } from './batcher.ts'
import { messageOf } from './engine-errors.ts'
import type { LaneGate } from './lane-gate.ts'
import { laneOf, type Topology } from './lanes.ts'
import type { LoadBudget } from './load-budget.ts'
import { type MissingDetails, missingBehind } from './missing.ts'
import { planRepair } from './plan-repair.ts'
import {
  abandonRepair,
  type Repair,
  type RepairDeps,
  type RepairState,
  repairView,
  StillFailing,
} from './repair-view.ts'
import { createRepairQueue, type Owing, type RepairQueue } from './repair-queue.ts'
import type { Topologies } from './topology.ts'
import type { Turns } from './turns.ts'

export interface RepairerDeps extends RepairDeps {
  readonly catalog: RepairDeps['catalog'] &
    Pick<Catalog, 'missingViews' | 'missingBatches' | 'forgetMissing' | 'openRepairs' | 'schema'>
  readonly reader: EventLogReader
  readonly topologies: Topologies
  readonly gate: LaneGate
  readonly turns: Turns
  readonly budget: LoadBudget
  readonly limits: BatchLimits
  readonly ops: OpsLog
  readonly backOff: (failures: number) => Promise<void>
  readonly isStopping: () => boolean
}

export interface Repairer {
  /** A view lacks a batch more. */
  lacks(key: MissingKey, workspaceId: string): void
  /** The tables of a workspace may have changed. */
  wake(workspaceId: string): void
  stop(): void
}

/** Repairs that were begun in a former life hold their lanes and turns until they are settled. */
export interface OpenRepair {
  readonly key: MissingKey
  readonly state: RepairState
  readonly lane: Promise<() => void>
}

const BATCHES_PER_LOOK = 500

/** Starts to repair. @param open what was begun before; settled first. */
export function startRepairer(deps: RepairerDeps, open: readonly OpenRepair[]): Repairer {
  const queue = createRepairQueue(deps.now)
  void run(deps, queue, open)
  return {
    lacks(key, workspaceId) {
      deps.counters.viewBatchesMissing += 1
      queue.add(key, workspaceId)
    },
    wake: (workspaceId) => {
      queue.wake(workspaceId)
    },
    stop: () => {
      queue.stop()
    },
  }
}

async function run(
  deps: RepairerDeps,
  queue: RepairQueue,
  open: readonly OpenRepair[],
): Promise<void> {
  for (const each of open) await settleOpen(deps, each)
  await persist(deps, async () => {
    for (const { view, dataSourceId, workspaceId, batches } of await deps.catalog.missingViews()) {
      deps.counters.viewBatchesMissing += batches
      queue.add({ view, dataSourceId }, workspaceId)
    }
  })
  for (let owing = await queue.next(); owing !== null; owing = await queue.next()) {
    try {
      await repairSome(deps, queue, owing)
    } catch (err) {
      const about = { ...owing.key, reason: messageOf(err) }
      deps.logger.warn(about, 'a view could not be repaired now and is tried again')
      queue.failed(owing)
    }
  }
}

/** Tries until it succeeds or the writer stops. */
async function persist(deps: RepairerDeps, step: () => Promise<void>): Promise<void> {
  for (let failures = 1; !deps.isStopping(); failures += 1) {
    try {
      await step()
      return
    } catch (err) {
      deps.logger.warn({ reason: messageOf(err) }, 'repairs of views have to wait')
      await deps.backOff(failures)
    }
  }
}

/** One attempt at the oldest batches that a view lacks. */
async function repairSome(deps: RepairerDeps, queue: RepairQueue, owing: Owing): Promise<void> {
  const { key, workspaceId } = owing
  const missing = await deps.catalog.missingBatches(
    key,
    Math.min(owing.take, BATCHES_PER_LOOK),
    owing.after,
  )
  if (missing.length === 0) {
    queue.passed(owing)
    return
  }
  if (!deps.turns.begin(workspaceId)) {
    queue.held(owing)
    return
  }
  const endLoad = await deps.budget.take(workspaceId)
  let leaveLane: () => void = () => undefined
  try {
    const repair = await prepare(deps, key, missing)
    if (repair === null) {
      await forget(deps, key, 'a table or view on their way is gone')
      queue.passed(owing)
      return
    }
    const enterLane = async (): Promise<void> => {
      leaveLane = await deps.gate.claim(await laneOfRepair(deps, repair))
    }
    await tryOnce(deps, queue, owing, repair, enterLane)
  } finally {
    leaveLane()
    deps.turns.end(workspaceId)
    endLoad()
  }
}

async function tryOnce(
  deps: RepairerDeps,
  queue: RepairQueue,
  owing: Owing,
  repair: Repair,
  enterLane: () => Promise<void>,
): Promise<void> {
  const progress: { attempt: Attempt | null } = { attempt: null }
  const startedMs = deps.now()
  try {
    const behind = await settle(deps, repair, progress, enterLane)
    for (const each of behind) queue.add(each, owing.workspaceId)
    queue.repaired(owing)
    report(deps, repair, startedMs, null)
  } catch (err) {
    if (!(err instanceof StillFailing)) throw err
    deps.counters.viewRepairFailures += 1
    const about = { ...repair.key, batches: repair.batches.length, message: err.message }
    deps.logger.info(about, 'a view still cannot take batches that it lacks')
    queue.stillFailing(owing, repair.batches.length, repair.batches.at(-1)?.fromSequence ?? 0)
    if (repair.batches.length === 1) report(deps, repair, startedMs, err.message)
  }
}

/** Passes until the repair is done and noted; tells which views behind it lack batches now. Throws while nothing was written. */
async function settle(
  deps: RepairerDeps,
  repair: Repair,
  progress: { attempt: Attempt | null },
  enterLane: () => Promise<void>,
): Promise<readonly MissingKey[]> {
  let isIn = false
  const enterOnce = async (): Promise<void> => {
    if (!isIn) await enterLane()
    isIn = true
  }
  for (let failures = 1; ; failures += 1) {
    try {
      const failed = await repairView(deps, repair, progress, enterOnce)
      const { batches, plan } = repair
      const missing = missingBehind(batches, plan.moved, failed, deps.now())
      const repaired = batches.map((each) => each.fromSequence)
      await deps.catalog.endRepair({ ...repair.key, repaired, missing })
      deps.reached('repaired')
      deps.counters.viewBatchesRepaired += repaired.length
      deps.counters.viewBatchesMissing += missing.length - repaired.length
      deps.logger.info(
        { ...repair.key, batches: repaired.length },
        'a view was given what it lacked',
      )
      return missing
    } catch (err) {
      if (progress.attempt === null || deps.isStopping()) throw err
      if (err instanceof StillFailing && (await abandonRepair(deps, repair, progress.attempt)))
        throw err
      deps.logger.warn({ ...repair.key, reason: messageOf(err) }, 'a repair is in doubt')
      await deps.backOff(failures)
    }
  }
}

/** Settles a repair of a former life, which holds its lane and its turn. */
async function settleOpen(deps: RepairerDeps, open: OpenRepair): Promise<void> {
  const { key, state } = open
  await persist(deps, async () => {
    const wanted = new Set(state.batches)
    const after = Math.min(...state.batches) - 1
    const missing = await deps.catalog.missingBatches(key, BATCHES_PER_LOOK, after)
    const batches = missing.filter((each) => wanted.has(each.fromSequence))
    const repair = await prepare(deps, key, batches)
    if (repair === null) {
      await deps.catalog.endRepair({ ...key, repaired: state.batches, missing: [] })
      return
    }
    const progress: { attempt: Attempt | null } = { attempt: state.attempt }
    try {
      await settle(deps, repair, progress, () => Promise.resolve())
    } catch (err) {
      if (!(err instanceof StillFailing)) throw err
    }
  })
  const leaveLane = await open.lane
  leaveLane()
  deps.turns.end(state.workspaceId)
}

/** Frames and plan of the leading batches that can be repaired together; null when their way is gone. */
async function prepare(
  deps: RepairerDeps,
  key: MissingKey,
  missing: readonly MissingBatch[],
): Promise<Repair | null> {
  const [first] = missing
  if (first === undefined) return null
  const schema = await deps.catalog.schema(first.dataSourceId, first.schemaVersion)
  const topology = await deps.topologies.get(databaseName(first.workspaceId))
  const plan = schema === null ? null : planRepair(topology, schema, first)
  if (schema === null || plan === null) return null
  const batches = alike(missing, deps.limits)
  const frames = await framesOf(deps, batches)
  const owed = batches.reduce((sum, each) => sum + detailsOf(each).frames, 0)
  if (frames.length < owed) {
    deps.counters.viewFramesLost += owed - frames.length
    deps.logger.error(
      { ...key, frames: owed - frames.length },
      'the log no longer has frames that a view lacks',
    )
  }
  const batch: Batch = {
    dataSourceId: first.dataSourceId,
    workspaceId: first.workspaceId,
    frames,
    fromSequence: first.fromSequence,
    toSequence: batches.at(-1)?.toSequence ?? first.toSequence,
    schema,
    database: topology.database,
    table: plan.root,
    quarantineTable: null,
    targets: plan.moved,
  }
  return { key, plan, batch, batches }
}

/** The leading batches that took the same way, together within the limits of a batch. */
function alike(missing: readonly MissingBatch[], limits: BatchLimits): MissingBatch[] {
  const [first] = missing
  if (first === undefined) return []
  const wayOf = (each: MissingBatch): string => {
    const { root, source, target, feeds } = detailsOf(each)
    return JSON.stringify([each.schemaVersion, root, source, target, feeds])
  }
  const sums = { rows: 0, bytes: 0, frames: 0 }
  const end = missing.findIndex((each, index) => {
    const { rows, bytes, frames } = detailsOf(each)
    sums.rows += rows
    sums.bytes += bytes
    sums.frames += frames
    const isOver =
      sums.rows > limits.rowsMax || sums.bytes > limits.bytesMax || sums.frames > limits.framesMax
    return index > 0 && (isOver || wayOf(each) !== wayOf(first))
  })
  return missing.slice(0, end === -1 ? missing.length : end)
}

async function framesOf(deps: RepairerDeps, batches: readonly MissingBatch[]): Promise<FrameRef[]> {
  const frames: FrameRef[] = []
  const signal = new AbortController().signal
  for (const { dataSourceId, schemaVersion, fromSequence, toSequence } of batches) {
    for await (const ref of deps.reader.scan(fromSequence, toSequence, signal)) {
      if (ref.dataSourceId === dataSourceId && ref.schemaVersion === schemaVersion) frames.push(ref)
    }
  }
  return frames
}

/** What a repair claims: the lane of the data source's table and that of the view's target. */
async function laneOfRepair(deps: RepairerDeps, { plan, batch }: Repair): Promise<string[]> {
  const topology = await deps.topologies.get(batch.database)
  return lanesOf(topology, [plan.root, plan.feed.view.target])
}

function lanesOf(topology: Topology, tables: readonly string[]): string[] {
  const all = new Set(tables.flatMap((table) => laneOf(topology, table)))
  return [...all].map((table) => `${topology.database}.${table}`)
}

async function forget(deps: RepairerDeps, key: MissingKey, reason: string): Promise<void> {
  const gone = await deps.catalog.forgetMissing(key, Number.MAX_SAFE_INTEGER)
  deps.counters.viewBatchesMissing -= gone
  deps.counters.viewBatchesForgotten += gone
  deps.logger.warn({ ...key, batches: gone, reason }, 'batches that a view lacked are given up')
}

function detailsOf(missing: MissingBatch): MissingDetails {
  return missing.details as MissingDetails
}

function report(deps: RepairerDeps, repair: Repair, startedMs: number, error: string | null): void {
  const rows = repair.batches.reduce((sum, each) => sum + detailsOf(each).rows, 0)
  deps.ops.dataSourceOp({
    workspaceId: repair.batch.workspaceId,
    eventType: 'view-repair',
    dataSourceId: repair.key.dataSourceId,
    dataSourceName: '',
    error,
    elapsedSeconds: Math.max(0, deps.now() - startedMs) / 1000,
    rows,
    rowsQuarantine: 0,
    options: { view: repair.key.view, batches: String(repair.batches.length) },
  })
}
