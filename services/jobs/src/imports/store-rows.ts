// The rows of a file into the log, chunk by chunk, each under a key of its own, and no faster than they are loaded.
import type { ImportBlock, ImportInput, ImportOutcome } from '@sandpiper/contracts'
import type { Column } from '@sandpiper/datafile'
import { Fault, fault } from '@sandpiper/faults'
import { bodyHash } from '@sandpiper/idempotency'

import type { JobContext } from '../job-kind.ts'
import { chunksOf, type Chunk } from './chunks.ts'
import type { ImportDeps } from './import-deps.ts'
import type { OpenRows } from './open-rows.ts'

/** Where rows go. */
export interface Destination {
  /** Part of the key of each chunk: another table is another import. */
  readonly key: string
  /** Asked before each chunk, since a deployment may change what is live. */
  columns(): Promise<{ readonly schemaVersion: number; readonly columns: readonly Column[] }>
}

/** Whose rows they are. */
export interface RowsOrigin extends Pick<
  ImportInput,
  'importId' | 'dataSourceId' | 'dataSourceName' | 'requestId'
> {
  /** As block_log shows it; no secrets. */
  readonly shownSource: string
}

type StoreDeps = Pick<ImportDeps, 'log' | 'keyed' | 'counters' | 'gauge' | 'ops' | 'now'>

/** What was stored. */
export interface Stored extends Omit<ImportOutcome, 'importId' | 'skippedViews'> {
  /** What a materialized view said that could not take the rows; the rows are in the data source. */
  readonly viewError: string | null
}

/** Chunks that may be in the log and not loaded yet: the log does not grow by a whole file, and the writer has enough for a batch. */
const AHEAD_MAX = 32
/** Milliseconds in which a chunk must be loaded; afterwards the job is run again. */
const LOADED_TIMEOUT_MS = 600_000
const BLOCKS_MAX = 1_000

type Context = Pick<JobContext, 'workspaceId' | 'signal' | 'progress' | 'block'>

/** Stores everything and waits until it can be read. @throws faults of the file, the log and the writer. */
export async function storeRows(
  deps: StoreDeps,
  input: RowsOrigin,
  file: OpenRows,
  to: Destination,
  context: Context,
): Promise<Stored> {
  const totals = { rows: 0, quarantined: 0, invalidLines: 0, bytes: 0 }
  const blocks: ImportBlock[] = []
  const ahead: number[] = []
  let firstError: string | null = null
  let viewError: string | null = null
  let version = -1

  async function begin(): Promise<number> {
    const now = await to.columns()
    if (now.schemaVersion !== version) file.judgeBy(now.columns)
    version = now.schemaVersion
    return version
  }
  async function loaded(leave: number): Promise<void> {
    while (ahead.length > leave) {
      const sequence = ahead.shift() ?? 0
      const signal = AbortSignal.any([context.signal, AbortSignal.timeout(LOADED_TIMEOUT_MS)])
      const outcome = await deps.log.loaded(input.dataSourceId, sequence, signal)
      if (outcome.kind === 'view_failed') viewError ??= outcome.message
    }
  }

  let beganMs = performance.now()
  for await (const chunk of chunksOf(file.rows, begin, deps.gauge)) {
    context.signal.throwIfAborted()
    const sequence = await appendChunk(deps, input, chunk, to.key, context)
    if (sequence !== null) ahead.push(sequence)
    await loaded(AHEAD_MAX)
    const block = blockOf(input, chunk, (performance.now() - beganMs) / 1000)
    beganMs = performance.now()
    if (blocks.length < BLOCKS_MAX) blocks.push(block)
    firstError ??= chunk.firstErrors[0]?.message ?? null
    totals.rows += chunk.rowCount
    totals.quarantined += chunk.refusedCount
    totals.invalidLines += chunk.malformedCount
    totals.bytes = chunk.end
    tell(deps, input, block, totals, file.format, context)
  }
  await loaded(0)
  return { ...totals, firstError, blocks, viewError }
}

/** Gives the chunk's place in the log; null for one that holds nothing but blank lines. */
async function appendChunk(
  deps: StoreDeps,
  { importId, dataSourceId, dataSourceName }: RowsOrigin,
  chunk: Chunk,
  key: string,
  { workspaceId, signal }: Context,
): Promise<number | null> {
  const { rows, refused, rowCount, refusedCount, schemaVersion } = chunk
  if (rowCount + refusedCount === 0) return null
  const frame = {
    ...{ workspaceId, dataSourceId, schemaVersion, requestId: importId },
    ...{ arrivedAtMs: deps.now(), idempotencyHash: null },
    ...{ rows, refused, rowCount, refusedCount },
  }
  const name = `import:${key}:${chunk.name}`
  // The file of an import never changes, so what a chunk holds follows from its name.
  const keyed = { workspaceId, key: name, bodyHash: await bodyHash([name]) }
  const remembered = await appendPatiently(
    () => deps.keyed.appendOnce(frame, keyed, signal),
    signal,
  )
  deps.counters.chunks += 1
  if (remembered.isReplay) deps.counters.replayedChunks += 1
  // Parts of a chunk end where their refusals outgrow a frame, so by other columns they end elsewhere: their names say nothing then.
  if (remembered.rowCount + remembered.refusedCount !== rowCount + refusedCount)
    throw columnsChanged(dataSourceName, chunk)
  return remembered.sequence
}

function columnsChanged(name: string, { start }: Chunk): Fault {
  return fault('request.conflict', {
    public: `The columns of ${name} were changed while the import was interrupted: the rows of the file from byte ${start} on are not stored, or only some of them.`,
  })
}

const TRIES_MAX = 20
const PAUSE_MS = 250

/** A log that is busy for a moment is asked again: nothing of the frame was stored. */
async function appendPatiently<T>(append: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await append()
    } catch (err) {
      const mayPass = err instanceof Fault && err.retryable && tries < TRIES_MAX
      if (!mayPass || signal.aborted) throw err
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

function blockOf({ importId }: RowsOrigin, chunk: Chunk, seconds: number): ImportBlock {
  return {
    blockId: `${importId}.${chunk.name}`,
    startOffset: chunk.start,
    endOffset: chunk.end,
    rows: chunk.rowCount,
    quarantined: chunk.refusedCount,
    invalidLines: chunk.malformedCount,
    emptyLines: chunk.emptyLines,
    bytes: chunk.end - chunk.start,
    seconds: Math.round(seconds * 1e6) / 1e6,
  }
}

function tell(
  deps: StoreDeps,
  input: RowsOrigin,
  block: ImportBlock,
  totals: { rows: number; quarantined: number; bytes: number },
  parser: string,
  { workspaceId, progress, block: show }: Context,
): void {
  const { blockId, startOffset, endOffset, rows, quarantined, emptyLines, bytes, seconds } = block
  progress(null, {
    row_count: totals.rows,
    bytes: totals.bytes,
    quarantine_rows: totals.quarantined,
  })
  show({ block_id: blockId, rows, quarantine: quarantined, bytes, processing_time: seconds })
  deps.counters.rows += rows
  deps.counters.refusedRows += quarantined
  deps.counters.bytes += bytes
  deps.ops.block({
    ...{ workspaceId, dataSourceId: input.dataSourceId, dataSourceName: input.dataSourceName },
    ...{ importId: input.importId, requestId: input.requestId, source: input.shownSource, blockId },
    ...{ status: 'done', startOffset, endOffset, rows, quarantineLines: quarantined, emptyLines },
    ...{ bytes, processingSeconds: seconds, processingError: null, parser },
  })
}
