// A file as chunks: what becomes one frame of the log each. Where a chunk ends follows from the bytes and lines of the file alone, so that
// an import that is run again after a crash makes the same chunks under the same names, and those that are in the log already are
// not stored twice. Only a chunk whose refusals outgrow a frame has further parts, cut by their size.
import { setImmediate as nextTurn } from 'node:timers/promises'

import type { DecodedRow, RowError } from '@sandpiper/rows'

import type { RowSource } from './row-source.ts'

/** One stretch of a file, decoded. */
export interface Chunk {
  /** `<number>.<part>`, part of the key it is stored under. */
  readonly name: string
  readonly rows: Buffer
  readonly refused: Buffer
  readonly rowCount: number
  readonly refusedCount: number
  readonly malformedCount: number
  readonly emptyLines: number
  readonly firstErrors: readonly RowError[]
  /** Bytes of the unpacked file. */
  readonly start: number
  readonly end: number
  /** Of the columns it was judged by. */
  readonly schemaVersion: number
}

/** Bounds of one chunk. */
export interface ChunkLimits {
  readonly sourceBytesMax: number
  readonly linesMax: number
  /** Bytes of its rows and refusals. */
  readonly frameBytesMax: number
}

export const CHUNK_LIMITS: ChunkLimits = {
  sourceBytesMax: 2 * 1024 * 1024,
  linesMax: 20_000,
  frameBytesMax: 8_388_608,
}

/** What is held of a file now, for tests of what an import keeps in memory. */
export interface BufferGauge {
  bytes: number
  highest: number
}

/** Longest work between two turns of the loop: other requests are served in between. */
const SLICE_MS = 4
const ERRORS_MAX = 10

/** Cuts and decodes. @param begin called before each chunk; gives the version of the columns that its rows are judged by. */
export async function* chunksOf(
  source: RowSource,
  begin: () => Promise<number>,
  gauge: BufferGauge,
  limits: ChunkLimits = CHUNK_LIMITS,
): AsyncGenerator<Chunk> {
  let number = 0
  let part = 0
  let pending = emptyPending(0)
  let schemaVersion = await begin()
  let lines = 0
  let from = 0
  let beganMs = performance.now()
  const hold = (bytes: number): void => {
    gauge.bytes += bytes
    gauge.highest = Math.max(gauge.highest, gauge.bytes)
  }
  const take = (end: number): Chunk => {
    const chunk = { ...chunkOf(pending, `${number}.${part}`, end), schemaVersion }
    hold(-pending.bytes)
    pending = emptyPending(end)
    return chunk
  }
  for await (const block of source) {
    for (const rows of block.rows) {
      for (const row of rows) lines += add(pending, row)
      hold(seal(pending))
      if (pending.bytes >= limits.frameBytesMax) {
        yield take(block.end)
        part += 1
      }
      if (performance.now() - beganMs < SLICE_MS) continue
      await nextTurn()
      beganMs = performance.now()
    }
    pending.emptyLines += block.emptyLines()
    lines += block.emptyLines()
    pending.end = block.end
    if (block.end - from < limits.sourceBytesMax && lines < limits.linesMax) continue
    if (!isEmpty(pending)) yield take(block.end)
    number += 1
    part = 0
    lines = 0
    from = block.end
    schemaVersion = await begin()
  }
  if (!isEmpty(pending)) yield take(pending.end)
}

interface Pending {
  readonly good: string[]
  readonly bad: string[]
  readonly rows: Buffer[]
  readonly refused: Buffer[]
  readonly firstErrors: RowError[]
  readonly start: number
  rowCount: number
  refusedCount: number
  malformedCount: number
  emptyLines: number
  bytes: number
  end: number
}

function emptyPending(start: number): Pending {
  const counts = { rowCount: 0, refusedCount: 0, malformedCount: 0, emptyLines: 0, bytes: 0 }
  return { good: [], bad: [], rows: [], refused: [], firstErrors: [], start, end: start, ...counts }
}

function isEmpty({ rowCount, refusedCount, emptyLines }: Pending): boolean {
  return rowCount + refusedCount + emptyLines === 0
}

function add(pending: Pending, row: DecodedRow | null): number {
  // The header.
  if (row === null) return 1
  if (row.kind === 'row') {
    pending.good.push(row.json)
    pending.rowCount += 1
    return 1
  }
  pending.bad.push(row.json)
  pending.refusedCount += 1
  if (!row.isJson) pending.malformedCount += 1
  pending.firstErrors.push(...row.errors.slice(0, ERRORS_MAX - pending.firstErrors.length))
  return 1
}

/** Turns texts into bytes, outside of the heap; gives how many. */
function seal(pending: Pending): number {
  let bytes = 0
  for (const [texts, buffers] of [
    [pending.good, pending.rows],
    [pending.bad, pending.refused],
  ] as const) {
    if (texts.length === 0) continue
    const buffer = Buffer.from(`${texts.join('\n')}\n`)
    texts.length = 0
    buffers.push(buffer)
    bytes += buffer.length
  }
  pending.bytes += bytes
  return bytes
}

function chunkOf(pending: Pending, name: string, end: number): Omit<Chunk, 'schemaVersion'> {
  const { rowCount, refusedCount, malformedCount, emptyLines, firstErrors, start } = pending
  const rows = Buffer.concat(pending.rows)
  const refused = Buffer.concat(pending.refused)
  const counts = { rowCount, refusedCount, malformedCount, emptyLines }
  return { name, rows, refused, ...counts, firstErrors, start, end }
}
