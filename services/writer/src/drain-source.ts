// Loads what waits of one data source, batch after batch, each within its lane, its turn and the budget. A batch that fails is tried
// again with growing pauses; meanwhile it holds neither the budget nor, when nothing of it was written, its lane or the turn.
import { assert } from '@sandpiper/assert'
import type { Catalog, MissingBatch, MissingKey } from '@sandpiper/catalog'
import type { FrameRef, LoadOutcome, WriterLink } from '@sandpiper/eventlog'
import type { OpsLog } from '@sandpiper/telemetry'
import { attemptName, type Batch } from './batch.ts'
import { type BatchLimits, dueInMs, restMs, takeBatch } from './batcher.ts'
import { isLimit, isTableGone, messageOf } from './engine-errors.ts'
import { findRoute, type Route, type RouteDeps } from './find-route.ts'
import type { LaneGate } from './lane-gate.ts'
import { LIMIT_HITS_MAX, loadBatch, type Place } from './load-batch.ts'
import type { LoadBudget } from './load-budget.ts'
import type { LoadDeps, LoadProgress } from './load-contract.ts'
import { missingOf } from './missing.ts'
import type { FailedView } from './place.ts'
import { readFrom } from './progress.ts'
import { reportLoad } from './report-load.ts'
import type { Source, Sources } from './source.ts'
import type { Turns } from './turns.ts'

export interface DrainDeps extends LoadDeps, RouteDeps {
  readonly catalog: Pick<Catalog, 'beginBatch' | 'confirmBatch' | 'schema'>
  readonly link: WriterLink
  readonly sources: Sources
  readonly gate: LaneGate
  readonly budget: LoadBudget
  /** For loads that may take long: target by target, or row by row. They must not use up what others load with. */
  readonly slowBudget: LoadBudget
  readonly turns: Turns
  readonly ops: OpsLog
  /** A view lacks a batch more, and the catalog knows. */
  readonly lacks: (key: MissingKey, workspaceId: string) => void
  /** A load ended well. */
  readonly onLoaded: () => void
  readonly limits: BatchLimits
  readonly scannedTo: () => number
  readonly isStopping: () => boolean
  /** Waits longer the more often something failed, with jitter; at once when stopping. */
  readonly backOff: (failures: number) => Promise<void>
  /** Reads on for a queue that left frames out. */
  readonly readOn: (source: Source) => void
}

/** Loads until nothing of the data source waits, a turn is held, or the writer stops. Does nothing while it already runs. */
export async function drainSource(deps: DrainDeps, source: Source): Promise<void> {
  if (source.isDraining) return
  source.isDraining = true
  let failures = 0
  while (!deps.isStopping()) {
    try {
      if (!(await loadNext(deps, source))) break
      failures = 0
    } catch (err) {
      failures += 1
      if (isTableGone(err)) deps.topologies.forgetAll()
      deps.counters.retries += 1
      const about = { dataSourceId: source.id, failures, reason: messageOf(err) }
      deps.logger.warn(about, 'a batch could not be loaded and is tried again')
      await deps.backOff(failures)
    }
    deps.readOn(source)
  }
  source.isDraining = false
}

/** Loads or skips one batch. False when there is nothing to do now. */
async function loadNext(deps: DrainDeps, source: Source): Promise<boolean> {
  if (!isReady(deps, source)) return false
  const dueMs = Math.max(
    restMs(source.lastBatch, deps.now()),
    dueInMs(source.queue.waiting(), deps.limits, deps.now()),
  )
  if (dueMs > 0 && source.open === null) await deps.sleep(dueMs)
  const route = isGone(deps, source) ? null : await findRoute(deps, source)
  if (route === null) {
    await skip(deps, source)
    return true
  }
  // A batch in doubt has its lane and counts as in flight already.
  const leaveLane = await (source.open?.lane ?? deps.gate.claim(route.lane))
  if (source.open === null && (deps.isStopping() || !deps.turns.begin(source.workspaceId))) {
    leaveLane()
    return false
  }
  try {
    if (await route.isCurrent()) await loadOne(deps, source, route, leaveLane)
  } finally {
    if (source.open === null) {
      deps.turns.end(source.workspaceId)
      leaveLane()
    }
  }
  return true
}

function isReady(deps: DrainDeps, source: Source): boolean {
  if (source.open !== null) return deps.scannedTo() >= source.open.toSequence
  return source.queue.refs.length > 0 && !deps.turns.isHeld(source.workspaceId)
}

/** Whether the log has none of the frames of a batch in doubt any more. */
function isGone(deps: DrainDeps, source: Source): boolean {
  return source.open !== null && nextFrames(deps, source).length === 0
}

async function loadOne(
  deps: DrainDeps,
  source: Source,
  route: Route,
  leaveLane: () => void,
): Promise<void> {
  const load = await takeSlot(deps, source.workspaceId)
  const startedMs = deps.now()
  try {
    const frames = nextFrames(deps, source)
    const batch = batchOf(source, route, frames)
    const progress: LoadProgress = {
      attempt: source.open?.attempt ?? null,
      exact: source.isExact,
      wide: source.isWide,
      limitHits: source.limitHits,
    }
    try {
      const failed = await loadUntilSettled(deps, batch, progress, load)
      source.isExact = failed.length > 0
      source.isWide = progress.wide
      await confirm(deps, source, frames, outcomeOf(failed), missingOf(batch, failed, deps.now()))
      noteMissing(deps, batch, failed)
      reportLoad(deps, batch, { attempt: progress.attempt, failed, startedMs })
    } catch (err) {
      source.limitHits = progress.limitHits
      source.open = openOf(batch, progress, leaveLane)
      throw err
    }
    source.limitHits = 0
    await clear(deps, batch, progress)
    source.lastBatch = lastBatchOf(deps, frames, startedMs)
    count(deps, frames)
    deps.reached('confirmed')
  } finally {
    load.end()
  }
}

/** What a loaded batch was loaded from. A server that is away keeps it until a writer starts. */
async function clear(deps: DrainDeps, batch: Batch, { attempt }: LoadProgress): Promise<void> {
  if (attempt === null) return
  await deps.spool.remove(attemptName(batch, attempt))
  await deps.staging.remove(attempt.id).catch(() => undefined)
}

/** A batch that may have written something stays the same batch, whatever made its pass end. */
function openOf(batch: Batch, { attempt }: LoadProgress, leaveLane: () => void): Source['open'] {
  if (attempt === null) return null
  const { fromSequence, toSequence } = batch
  return { fromSequence, toSequence, attempt, lane: Promise.resolve(leaveLane) }
}

/** Passes over a batch until it is loaded, as long as it is in doubt; throws when nothing of it was written or its tables changed. */
async function loadUntilSettled(
  deps: DrainDeps,
  batch: Batch,
  progress: LoadProgress,
  load: Slot,
): Promise<readonly FailedView[]> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await loadBatch(deps, batch, progress, load)
    } catch (err) {
      if (isLimit(err)) progress.limitHits += 1
      if (progress.attempt === null || deps.isStopping() || isTableGone(err)) throw err
      logRetry(deps, batch, failures, err)
      // Whoever waits for the engine or the catalog must not use up what others could load with.
      load.end()
      await deps.backOff(failures)
      await load.again()
    }
  }
}

interface Slot extends Place {
  /** Takes a place again after `end`. */
  again(): Promise<void>
}

async function takeSlot(deps: DrainDeps, workspaceId: string): Promise<Slot> {
  let isSlow = false
  let end = await deps.budget.take(workspaceId)
  return {
    end: () => {
      end()
    },
    async slowDown() {
      if (isSlow) return
      isSlow = true
      end()
      end = await deps.slowBudget.take(workspaceId)
    },
    async again() {
      end = await (isSlow ? deps.slowBudget : deps.budget).take(workspaceId)
    },
  }
}

/** Exactly the frames of a batch in doubt, or what makes a good batch now. */
function nextFrames(deps: DrainDeps, source: Source): readonly FrameRef[] {
  const { open } = source
  if (open === null) return takeBatch(source.queue.refs, limitsFor(source, deps.limits))
  return source.queue.refs.filter((ref) => ref.sequence <= open.toSequence)
}

/** A batch that still meets limits when its targets get it one by one is too large: it is halved with each further try. */
function limitsFor(source: Source, limits: BatchLimits): BatchLimits {
  const part = 2 ** Math.min(20, Math.max(0, source.limitHits - LIMIT_HITS_MAX))
  return { ...limits, rowsMax: limits.rowsMax / part, bytesMax: limits.bytesMax / part }
}

function batchOf(source: Source, route: Route, frames: readonly FrameRef[]): Batch {
  const [first, last] = [frames[0], frames.at(-1)]
  assert(first !== undefined && last !== undefined, 'a route was found for frames that wait')
  return {
    ...route.into,
    dataSourceId: source.id,
    workspaceId: source.workspaceId,
    frames,
    fromSequence: source.open?.fromSequence ?? first.sequence,
    toSequence: source.open?.toSequence ?? last.sequence,
  }
}

function outcomeOf(failed: readonly FailedView[]): LoadOutcome {
  const [first] = failed
  return first === undefined ? { kind: 'loaded' } : { kind: 'view_failed', message: first.message }
}

function noteMissing(deps: DrainDeps, batch: Batch, failed: readonly FailedView[]): void {
  if (failed.length > 0) deps.counters.viewFailures += 1
  const { database, dataSourceId, workspaceId, fromSequence, toSequence } = batch
  for (const { view, message } of failed) {
    deps.lacks({ view, dataSourceId }, workspaceId)
    const about = { database, view, dataSourceId, fromSequence, toSequence, message }
    deps.logger.error(about, 'a view could not take a batch: recorded as missing')
  }
}

/** Makes frames confirmed: progress first, then those who wait are told. Tries until the catalog answers. */
async function confirm(
  deps: DrainDeps,
  source: Source,
  frames: readonly FrameRef[],
  outcome: LoadOutcome,
  missing: readonly MissingBatch[] = [],
): Promise<void> {
  const from = source.open?.fromSequence ?? frames[0]?.sequence
  const toSequence = source.open?.toSequence ?? frames.at(-1)?.sequence
  if (from === undefined || toSequence === undefined) return
  source.queue.drop(frames.length)
  const lowest = readFrom(deps.sources.all(), deps.scannedTo())
  source.confirmingFrom = from
  for (let failures = 1; ; failures += 1) {
    try {
      await deps.catalog.confirmBatch({
        ...{ dataSourceId: source.id, toSequence, readFrom: lowest, missing },
      })
      break
    } catch (err) {
      if (deps.isStopping()) throw err
      deps.logger.warn({ reason: messageOf(err) }, 'a loaded batch could not be confirmed yet')
      await deps.backOff(failures)
    }
  }
  deps.reached('stored')
  source.confirmingFrom = null
  source.open = null
  source.loadedUpTo = toSequence
  deps.link.publishLoaded(source.id, toSequence, outcome)
  deps.link.publishPassed(readFrom(deps.sources.all(), deps.scannedTo()) - 1)
}

/** Passes over frames whose table or data source is gone. */
async function skip(deps: DrainDeps, source: Source): Promise<void> {
  const { refs } = source.queue
  const version = refs[0]?.schemaVersion
  const end = refs.findIndex((ref) => ref.schemaVersion !== version)
  const frames =
    source.open === null ? refs.slice(0, end === -1 ? refs.length : end) : nextFrames(deps, source)
  const { open } = source
  deps.counters.skippedFrames += frames.length
  deps.logger.warn(
    { dataSourceId: source.id, frames: frames.length, schemaVersion: version },
    'frames are skipped: they or their table are gone',
  )
  await confirm(deps, source, frames, {
    kind: 'view_failed',
    message: 'The data source was removed before the rows were loaded.',
  })
  if (open === null) return
  deps.turns.end(source.workspaceId)
  const leaveLane = await open.lane
  leaveLane()
}

function lastBatchOf(
  deps: DrainDeps,
  frames: readonly FrameRef[],
  startedMs: number,
): Source['lastBatch'] {
  const tookMs = Math.max(0, deps.now() - startedMs)
  return { rows: rowsOf(frames), frames: frames.length, startedMs, tookMs }
}

function rowsOf(frames: readonly FrameRef[]): number {
  return frames.reduce((sum, { rowCount, refusedCount }) => sum + rowCount + refusedCount, 0)
}

function count(deps: DrainDeps, frames: readonly FrameRef[]): void {
  deps.counters.batches += 1
  deps.onLoaded()
  for (const ref of frames) {
    deps.counters.rows += ref.rowCount
    deps.counters.refusedRows += ref.refusedCount
    deps.counters.bytes += ref.bytes
  }
}

function logRetry(deps: DrainDeps, batch: Batch, failures: number, err: unknown): void {
  deps.counters.retries += 1
  deps.logger.warn(
    { dataSourceId: batch.dataSourceId, failures, reason: messageOf(err) },
    'a batch is in doubt and looked at again',
  )
}
