// One row of the ops log and one block per batch, not per request: thousands of requests a second may share a batch.
import type { OpsLog } from '@sandpiper/telemetry'
import type { Attempt, Batch } from './batch.ts'
import type { FailedView } from './place.ts'

/** Names are the other side's to fill in: the writer knows ids only. */
const NAME_UNKNOWN = ''

export function reportLoad(
  deps: { readonly ops: OpsLog; readonly now: () => number },
  batch: Batch,
  load: {
    readonly attempt: Attempt | null
    readonly failed: readonly FailedView[]
    readonly startedMs: number
  },
): void {
  const { workspaceId, dataSourceId, frames } = batch
  const sum = (of: (frame: (typeof frames)[number]) => number): number =>
    frames.reduce((total, frame) => total + of(frame), 0)
  const rows = sum((frame) => frame.rowCount)
  const refused = sum((frame) => frame.refusedCount)
  const seconds = Math.max(0, deps.now() - load.startedMs) / 1000
  const [failure] = load.failed
  const error = failure === undefined ? null : failure.message
  const about = { workspaceId, dataSourceId, dataSourceName: NAME_UNKNOWN }
  deps.ops.dataSourceOp({
    ...about,
    eventType: 'append-hfi',
    error,
    elapsedSeconds: seconds,
    rows,
    rowsQuarantine: refused,
    ...(load.attempt === null ? {} : { operationId: load.attempt.id }),
    ...(failure === undefined ? {} : { options: { view: failure.view } }),
  })
  deps.ops.block({
    ...about,
    source: 'events',
    blockId: load.attempt?.id ?? '',
    status: error === null ? 'done' : 'error',
    startOffset: batch.fromSequence,
    endOffset: batch.toSequence,
    rows,
    quarantineLines: refused,
    bytes: sum((frame) => frame.bytes),
    processingSeconds: seconds,
    processingError: error,
    parser: 'engine',
  })
}
