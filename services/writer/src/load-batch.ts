// Loads one batch into every target exactly once, one pass at a time. A pass ends with every target loaded, or throws: then
// `progress.attempt` tells whether anything may have been written, and the same batch is passed in again later.
import type { Column } from '@sandpiper/datafile'
import { quarantineColumns } from '@sandpiper/rows'
import { type Attempt, attemptName, type Batch, tablesOf } from './batch.ts'
import { type Brought, unconfirmed } from './confirm.ts'
import { hasSunk, isAbsent, lowered, risenPartitions } from './doubt.ts'
import { isLimit, isPassing, isTooManyPartitions, messageOf } from './engine-errors.ts'
import { fence } from './fence.ts'
import { fillBlocks } from './fill-blocks.ts'
import { hasDiamond } from './lanes.ts'
import { loadByToken, takesTokens } from './load-by-token.ts'
import { type LoadDeps, type LoadProgress, recordOf } from './load-contract.ts'
import { type FailedView, placeBatch } from './place.ts'
import { damagedLine } from './quarantine.ts'
import { createScratch } from './scratch.ts'
import type { SpoolFiles } from './spool.ts'
import {
  insertRows,
  liveSettings,
  qualified,
  type RowSource,
  WIDE_PARTITIONS_MAX,
} from './statements.ts'

const INSERT_TIMEOUT_MS = 120_000
/** What the engine allows one insert by itself. */
const PARTITIONS_MAX = 100
/** Limits met after which a batch is placed target by target, and a view that meets one more counts as failing. */
export const LIMIT_HITS_MAX = 3

/** The place of a load among those that the engine works on. */
export interface Place {
  /** Called before work that may take long; resolves when it may begin. */
  slowDown(): Promise<void>
  /** The engine has the batch: what is left costs it little, and the place is free for another load. */
  end(): void
}

/** Loads the batch; resolves with the views that could not take it. */
export async function loadBatch(
  deps: LoadDeps,
  batch: Batch,
  progress: LoadProgress,
  at: Place,
): Promise<readonly FailedView[]> {
  if (takesTokens(batch)) return loadByToken(deps, batch, progress)
  if (progress.attempt === null) {
    progress.attempt = await begin(deps, batch)
    deps.reached('begun')
    if (!progress.exact && progress.limitHits < LIMIT_HITS_MAX && !hasDiamond(batch.targets)) {
      try {
        const brought = await insertWhole(deps, batch, progress.attempt, progress.wide)
        at.end()
        progress.wide = await reachesMany(deps, batch, progress.attempt, brought)
        return []
      } catch (err) {
        if ((await becomeDoubtful(deps, batch, progress, err)) === 'again')
          return loadBatch(deps, batch, progress, at)
      }
    }
  }
  await at.slowDown()
  return place(deps, batch, progress, progress.attempt)
}

async function begin(deps: LoadDeps, batch: Batch): Promise<Attempt> {
  const { blocks, life } = await deps.blocks.known(batch.database, tablesOf(batch))
  const attempt = { id: deps.newId(), before: blocks, life }
  await deps.catalog.beginBatch(recordOf(batch, attempt))
  return attempt
}

/** The plain way: one insert, the engine fires the views. Throws when anything but a clear OK came back. */
async function insertWhole(
  deps: LoadDeps,
  batch: Batch,
  attempt: Attempt,
  isWide: boolean,
): Promise<Brought> {
  const name = attemptName(batch, attempt)
  const files = await writeSpool(deps, batch, name)
  deps.reached('spooled')
  const { id, life } = attempt
  const bring = (path: string, columns: readonly Column[]): Promise<RowSource> =>
    deps.staging.bring(id, { path, columns }, life === null ? null : deps.life.condition(life))
  const insert = (sql: string): Promise<void> => {
    const partitions = isWide ? WIDE_PARTITIONS_MAX : PARTITIONS_MAX
    const settings = {
      ...liveSettings(life === null ? {} : deps.life.guard(life)),
      max_partitions_per_insert_block: partitions,
    }
    return deps.clickhouse.command({ sql, settings, timeoutMs: INSERT_TIMEOUT_MS })
  }
  if (files.rowsPath !== null) {
    const rows = await bring(files.rowsPath, batch.schema.columns)
    await insert(insertRows(qualified(batch.database, batch.table), rows))
  }
  if (files.refusedPath !== null && batch.quarantineTable !== null) {
    const columns = quarantineColumns(batch.schema.columns)
    const into = qualified(batch.database, batch.quarantineTable)
    await insert(insertRows(into, await bring(files.refusedPath, columns)))
  }
  deps.reached('inserted')
  return { rows: files.rowsPath !== null, refused: files.refusedPath !== null }
}

/** Sees that the tables have the batch; tells whether the next one may reach more partitions than a plain insert may write. */
async function reachesMany(
  deps: LoadDeps,
  batch: Batch,
  attempt: Attempt,
  brought: Brought,
): Promise<boolean> {
  const { blocks: now } = await deps.blocks.read(batch.database, tablesOf(batch))
  const lacking = unconfirmed(batch, brought, attempt.before, now)
  if (lacking.length > 0) throw new Error(`no trace of the batch in ${lacking.join(', ')}`)
  const risen = tablesOf(batch).map((table) => risenPartitions(attempt.before, now, table).size)
  return Math.max(...risen) > PARTITIONS_MAX
}

/**
 * Called when a plain insert failed. `again` when it left nothing and another insert will do; throws when it left nothing and only
 * has to be tried again later.
 */
async function becomeDoubtful(
  deps: LoadDeps,
  batch: Batch,
  progress: LoadProgress,
  err: unknown,
): Promise<'again' | 'place'> {
  deps.blocks.forget(batch.database)
  const about = { ...aboutBatch(batch), reason: messageOf(err) }
  const widens = isTooManyPartitions(err) && !progress.wide
  if (widens) {
    progress.wide = true
    deps.counters.wideBatches += 1
    deps.logger.info(about, 'a batch has more partitions than one insert may write')
  } else {
    deps.counters.doubts += 1
    deps.logger.warn(about, 'a load did not return OK: its targets are compared')
  }
  if ((!widens && !isPassing(err)) || progress.attempt === null) return 'place'
  await fence(deps, attemptName(batch, progress.attempt), progress.attempt.id)
  if (!(await abandonIfAbsent(deps, batch, progress))) return 'place'
  if (widens) return 'again'
  throw err
}

/** Notes that the attempt left nothing, if so: then the tables may be changed before the next one. False when it left something. */
async function abandonIfAbsent(
  deps: LoadDeps,
  batch: Batch,
  progress: LoadProgress,
): Promise<boolean> {
  const tables = tablesOf(batch)
  const { blocks: now } = await deps.blocks.read(batch.database, tables)
  if (progress.attempt === null || !isAbsent(progress.attempt.before, now, tables)) return false
  await deps.catalog.beginBatch(recordOf(batch, null))
  progress.attempt = null
  deps.reached('abandoned')
  return true
}

async function place(
  deps: LoadDeps,
  batch: Batch,
  progress: LoadProgress,
  attempt: Attempt,
): Promise<readonly FailedView[]> {
  const { clickhouse } = deps
  const name = attemptName(batch, attempt)
  await fence(deps, name, attempt.id)
  deps.blocks.forget(batch.database)
  const { now, life, before } = await compare(deps, batch, progress, attempt)
  const scratch = await createScratch(clickhouse, batch.database, `${attempt.id}_${deps.newId()}`)
  const isLastTry = progress.limitHits >= LIMIT_HITS_MAX
  try {
    const files = await writeSpool(deps, batch, name)
    deps.reached('scratched')
    const fill = fillBlocks({ ...deps, scratch }, batch, { id: attempt.id, name, files })
    const settings = liveSettings(deps.life.guard(life))
    const placing = { clickhouse, scratch, fill, isLastTry, settings }
    const placement = await placeBatch(placing, batch, { before, now })
    await sameLife(deps, batch, life)
    deps.reached('placed')
    deps.counters.placements += 1
    deps.counters.repairs += placement.moved
    return placement.failedViews
  } catch (err) {
    // A batch that left nothing holds nobody's turn, and may be made smaller.
    if (!isPassing(err) || isLimit(err)) await abandonIfAbsent(deps, batch, progress)
    throw err
  } finally {
    deps.blocks.forget(batch.database)
    // Left behind when the engine is away: fence and the next start remove it.
    await scratch.drop().catch(() => undefined)
  }
}

/** What was computed in the memory of an engine that is gone may have been nothing: then all is looked at again. */
async function sameLife(deps: LoadDeps, batch: Batch, life: string): Promise<void> {
  const now = await deps.blocks.read(batch.database, [])
  if (now.life !== life) throw new Error('the engine was started anew during a placement')
}

/** Block numbers before and now; what sank meanwhile is stored before anything is placed by it. */
async function compare(
  deps: LoadDeps,
  batch: Batch,
  progress: LoadProgress,
  attempt: Attempt,
): Promise<{
  before: Attempt['before']
  now: Attempt['before']
  life: string
}> {
  const tables = tablesOf(batch)
  const { blocks: now, life } = await deps.blocks.read(batch.database, tables)
  if (!hasSunk(attempt.before, now, tables)) return { before: attempt.before, now, life }
  const before = lowered(attempt.before, now, tables)
  progress.attempt = { ...attempt, before }
  await deps.catalog.beginBatch(recordOf(batch, progress.attempt))
  return { before, now, life }
}

async function writeSpool(deps: LoadDeps, batch: Batch, name: string): Promise<SpoolFiles> {
  await deps.spool.remove(name)
  const files = await deps.spool.write(name, batch.frames, damagedLine(batch.schema.columns))
  if (files.damaged.length > 0) {
    deps.counters.damagedFrames += files.damaged.length
    const sequences = files.damaged.slice(0, 10).map((ref) => ref.sequence)
    deps.logger.error({ ...aboutBatch(batch), sequences }, 'damaged frames are left out of a batch')
  }
  return files
}

function aboutBatch(batch: Batch): Record<string, unknown> {
  const { workspaceId, dataSourceId, fromSequence, toSequence } = batch
  return { workspaceId, dataSourceId, fromSequence, toSequence }
}
