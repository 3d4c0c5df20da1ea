// What a batch is remembered by that a failing view could not take: enough to compute later, from the log, what the view would have
// been given then. Pure.
import type { MissingBatch } from '@sandpiper/catalog'
import type { Batch } from './batch.ts'
import type { Target } from './lanes.ts'
import type { FailedView } from './place.ts'

/** The document in the catalog's record. */
export interface MissingDetails {
  readonly database: string
  /** The table the data source's frames are loaded into. */
  readonly root: string
  /** The table the view reads. */
  readonly source: string
  readonly target: string
  /** Views by which `source` had got the batch; none when it is `root`. */
  readonly feeds: readonly string[]
  readonly frames: number
  readonly rows: number
  readonly bytes: number
}

/** Records for the views that failed. @param nowMs Unix milliseconds. */
export function missingOf(
  batch: Batch,
  failed: readonly FailedView[],
  nowMs: number,
): MissingBatch[] {
  const names = new Set(failed.map(({ view }) => view))
  const isIn = (view: string): boolean => !names.has(view)
  return failed.flatMap(({ view, message }) => {
    const target = batch.targets.find(({ feeds }) => feeds.some((feed) => feed.view.name === view))
    const feed = target?.feeds.find((each) => each.view.name === view)
    if (target === undefined || feed === undefined) return []
    const details: MissingDetails = {
      database: batch.database,
      root: batch.table,
      source: feed.source,
      target: target.table.name,
      feeds: feedsOf(batch.targets, feed.source, isIn),
      frames: batch.frames.length,
      rows: batch.frames.reduce((sum, ref) => sum + ref.rowCount, 0),
      bytes: batch.frames.reduce((sum, ref) => sum + ref.bytes, 0),
    }
    return [recordOf(batch, { view, message, details, nowMs })]
  })
}

/** Records for views behind a repaired one that could not take their part of its batches. */
export function missingBehind(
  batches: readonly MissingBatch[],
  moved: readonly Target[],
  failed: readonly FailedView[],
  nowMs: number,
): MissingBatch[] {
  const names = new Set(failed.map(({ view }) => view))
  return failed.flatMap(({ view, message }) => {
    const target = moved.find(({ feeds }) => feeds.some((feed) => feed.view.name === view))
    const feed = target?.feeds.find((each) => each.view.name === view)
    if (target === undefined || feed === undefined) return []
    return batches.map((batch) => {
      const before = batch.details as MissingDetails
      const on = feedsOf(moved, feed.source, (each) => !names.has(each))
      const details: MissingDetails = {
        ...before,
        source: feed.source,
        target: target.table.name,
        feeds: [...new Set([...before.feeds, ...on])],
      }
      return { ...batch, view, message: message.slice(0, 4_000), details, createdAtMs: nowMs }
    })
  })
}

/** Names of the views by which rows reach a table, the nearest last. @param isIn tells of a view whether it took part. */
function feedsOf(
  targets: readonly Target[],
  table: string,
  isIn: (view: string) => boolean,
): string[] {
  const feeds = targets.find((target) => target.table.name === table)?.feeds ?? []
  const names = feeds
    .filter(({ view }) => isIn(view.name))
    .flatMap(({ source, view }) => [...feedsOf(targets, source, isIn), view.name])
  return [...new Set(names)]
}

function recordOf(
  batch: Batch,
  known: { view: string; message: string; details: MissingDetails; nowMs: number },
): MissingBatch {
  return {
    view: known.view,
    dataSourceId: batch.dataSourceId,
    fromSequence: batch.fromSequence,
    toSequence: batch.toSequence,
    workspaceId: batch.workspaceId,
    schemaVersion: batch.schema.version,
    details: known.details,
    message: known.message.slice(0, 4_000),
    createdAtMs: known.nowMs,
  }
}
