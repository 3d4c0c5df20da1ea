// Loads one batch into every target exactly once, one pass at a time. A pass ends with every target loaded, or throws: then
// `progress.attempt` tells whether anything may have been written, and the same batch is passed in again later.
import type { Catalog } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import { quarantineColumns } from '@sandpiper/rows'
import type { Logger } from '@sandpiper/telemetry'
import { type Attempt, attemptName, attemptState, type Batch, tablesOf } from './batch.ts'
import { readBlocks, waitUntilGone } from './blocks.ts'
import { unconfirmed } from './confirm.ts'
import type { Counters } from './counters.ts'
import { isAbsent } from './doubt.ts'
import { isLimit, isPassing, messageOf } from './engine-errors.ts'
import { fillBlocks } from './fill-blocks.ts'
import { hasDiamond } from './lanes.ts'
import { type FailedView, placeBatch } from './place.ts'
import { createScratch, dropScratches } from './scratch.ts'
import type { Spool, SpoolFiles } from './spool.ts'
import { insertFile, LOAD_SETTINGS, qualified } from './statements.ts'

export interface LoadDeps {
  readonly clickhouse: ClickHouse
  readonly catalog: Pick<Catalog, 'beginBatch'>
  readonly spool: Spool
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

export type LoadStep = 'begun' | 'spooled' | 'inserted' | 'placed' | 'confirmed'

/** What is known about a batch between two passes. */
export interface LoadProgress {
  attempt: Attempt | null
  /** True when the plain insert is known not to do for this batch. */
  exact: boolean
  /** How often the batch met a limit of the engine (memory, time). */
  limitHits: number
}

const INSERT_TIMEOUT_MS = 120_000
const GONE_WAIT_MAX_MS = 10_000
/** Limits met after which a batch is placed target by target, and a view that meets one more counts as failing. */
export const LIMIT_HITS_MAX = 3

/** Loads the batch; resolves with the views that could not take it. */
export async function loadBatch(
  deps: LoadDeps,
  batch: Batch,
  progress: LoadProgress,
): Promise<readonly FailedView[]> {
  if (progress.attempt === null) {
    progress.attempt = await begin(deps, batch)
    deps.reached('begun')
    if (!progress.exact && progress.limitHits < LIMIT_HITS_MAX && !hasDiamond(batch.targets)) {
      try {
        await insertWhole(deps, batch, progress.attempt)
        return []
      } catch (err) {
        await becomeDoubtful(deps, batch, progress, err)
      }
    }
  }
  return place(deps, batch, progress, progress.attempt)
}

async function begin(deps: LoadDeps, batch: Batch): Promise<Attempt> {
  // Read anew for each batch: of a table whose rows all expired the numbers begin anew when the engine is started.
  const before = await readBlocks(deps.clickhouse, batch.database, tablesOf(batch))
  const attempt = { id: deps.newId(), before }
  await deps.catalog.beginBatch(recordOf(batch, attempt))
  return attempt
}

/** The plain way: one insert, the engine fires the views. Throws when anything but a clear OK came back. */
async function insertWhole(deps: LoadDeps, batch: Batch, attempt: Attempt): Promise<void> {
  const name = attemptName(batch, attempt)
  const files = await writeSpool(deps, batch, name)
  deps.reached('spooled')
  if (files.rowsPath !== null) {
    const rows = { path: files.rowsPath, columns: batch.schema.columns }
    await insert(deps, insertFile(qualified(batch.database, batch.table), rows))
  }
  if (files.refusedPath !== null && batch.quarantineTable !== null) {
    const columns = quarantineColumns(batch.schema.columns)
    const into = qualified(batch.database, batch.quarantineTable)
    await insert(deps, insertFile(into, { path: files.refusedPath, columns }))
  }
  deps.reached('inserted')
  const now = await readBlocks(deps.clickhouse, batch.database, tablesOf(batch))
  const brought = { rows: files.rowsPath !== null, refused: files.refusedPath !== null }
  const lacking = unconfirmed(batch, brought, attempt.before, now)
  if (lacking.length > 0) throw new Error(`no trace of the batch in ${lacking.join(', ')}`)
}

/** Called when a plain insert failed. Throws when the batch left nothing and only has to be tried again later. */
async function becomeDoubtful(
  deps: LoadDeps,
  batch: Batch,
  progress: LoadProgress,
  err: unknown,
): Promise<void> {
  deps.counters.doubts += 1
  const about = { ...aboutBatch(batch), reason: messageOf(err) }
  deps.logger.warn(about, 'a load did not return OK: its targets are compared')
  if (!isPassing(err) || progress.attempt === null) return
  await fence(deps, batch, progress.attempt)
  if (!(await abandonIfAbsent(deps, batch, progress))) return
  throw err
}

/** Makes sure that nothing of the attempt can still reach a target. */
async function fence(deps: LoadDeps, batch: Batch, attempt: Attempt): Promise<void> {
  await deps.spool.remove(attemptName(batch, attempt))
  await dropScratches(deps.clickhouse, attempt.id)
  const timing = { waitMaxMs: GONE_WAIT_MAX_MS, sleep: deps.sleep }
  if (!(await waitUntilGone(deps.clickhouse, attempt.id, timing))) {
    throw new Error('the attempt still runs in the engine')
  }
}

/** Notes that the attempt left nothing, if so: then the tables may be changed before the next one. False when it left something. */
async function abandonIfAbsent(
  deps: LoadDeps,
  batch: Batch,
  progress: LoadProgress,
): Promise<boolean> {
  const tables = tablesOf(batch)
  const now = await readBlocks(deps.clickhouse, batch.database, tables)
  if (progress.attempt === null || !isAbsent(progress.attempt.before, now, tables)) return false
  await deps.catalog.beginBatch(recordOf(batch, null))
  progress.attempt = null
  return true
}

async function place(
  deps: LoadDeps,
  batch: Batch,
  progress: LoadProgress,
  attempt: Attempt,
): Promise<readonly FailedView[]> {
  await fence(deps, batch, attempt)
  const now = await readBlocks(deps.clickhouse, batch.database, tablesOf(batch))
  const name = attemptName(batch, attempt)
  const { clickhouse } = deps
  const scratch = await createScratch(clickhouse, batch.database, `${attempt.id}_${deps.newId()}`)
  const isLastTry = progress.limitHits >= LIMIT_HITS_MAX
  try {
    const files = await writeSpool(deps, batch, name)
    const fill = fillBlocks({ ...deps, scratch }, batch, { name, files })
    const doubt = { before: attempt.before, now }
    const placement = await placeBatch({ clickhouse, scratch, fill, isLastTry }, batch, doubt)
    deps.reached('placed')
    deps.counters.placements += 1
    deps.counters.repairs += placement.moved
    return placement.failedViews
  } catch (err) {
    // A batch that left nothing holds nobody's turn, and may be made smaller.
    if (!isPassing(err) || isLimit(err)) await abandonIfAbsent(deps, batch, progress)
    throw err
  } finally {
    // Left behind when the engine is away: fence and the next start remove it.
    await scratch.drop().catch(() => undefined)
  }
}

async function writeSpool(deps: LoadDeps, batch: Batch, name: string): Promise<SpoolFiles> {
  await deps.spool.remove(name)
  const files = await deps.spool.write(name, batch.frames)
  if (files.damaged.length > 0) {
    deps.counters.damagedFrames += files.damaged.length
    const sequences = files.damaged.slice(0, 10).map((ref) => ref.sequence)
    deps.logger.error({ ...aboutBatch(batch), sequences }, 'damaged frames are left out of a batch')
  }
  return files
}

async function insert(deps: LoadDeps, sql: string): Promise<void> {
  await deps.clickhouse.command({ sql, settings: LOAD_SETTINGS, timeoutMs: INSERT_TIMEOUT_MS })
}

function recordOf(batch: Batch, attempt: Attempt | null): Parameters<Catalog['beginBatch']>[0] {
  const { dataSourceId, fromSequence, toSequence, workspaceId } = batch
  return { dataSourceId, fromSequence, toSequence, state: attemptState(workspaceId, attempt) }
}

function aboutBatch(batch: Batch): Record<string, unknown> {
  const { workspaceId, dataSourceId, fromSequence, toSequence } = batch
  return { workspaceId, dataSourceId, fromSequence, toSequence }
}
