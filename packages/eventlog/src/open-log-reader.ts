// The reading side of the segment log. It holds heads and a few blocks in memory, never a whole segment, and never looks above the
// sequence it was asked for: what lies above is still being written.
import type { EventLogReader, FrameRef, LogDamage } from './event-log.ts'
import {
  checksum,
  decodeHead,
  decodeHeader,
  FRAME_HEADER_BYTES,
  frameBytes,
} from './frame-bytes.ts'
import type { Frame, FrameHead } from './frame.ts'
import { diskFiles, type LogFiles } from './log-files.ts'
import { openSegments, type OpenSegments, unreadable } from './open-segments.ts'
import { READ_RETRIES_MS } from './patient-file.ts'
import { listSegments, type Segment } from './segments.ts'
import { type FoundFrame, type WalkDepth, walkSegment } from './walk-segment.ts'

/** How a log is read. */
export interface LogReaderOptions {
  /** Folder of the segment files; it may still be empty. */
  readonly dir: string
  /** Told once about each damaged stretch, as a scan or read meets it. */
  readonly onDamage: (damage: LogDamage) => void
  /** The disk; default the real one. */
  readonly files?: LogFiles
  /** Milliseconds before each further try of a read that failed; then the place counts as damaged. Default 50 ms to 3 s, four times. */
  readonly readRetriesMs?: readonly number[]
}

const REPORTS_MAX = 10_000

/**
 * Opens the log for reading; works while another process appends to it.
 * Memory: at most 4 MiB of blocks for each of 8 open segments, and the frame being read.
 */
export function openLogReader(options: LogReaderOptions): EventLogReader {
  const files = options.files ?? diskFiles(options.dir)
  const report = reportOnce(options.onDamage)
  const parts: ReaderParts = {
    files,
    unread: 0,
    open: openSegments(files, {
      readRetriesMs: options.readRetriesMs ?? READ_RETRIES_MS,
      onUnreadable(segment, offset, bytes) {
        parts.unread += 1
        report({ segment, offset, bytes, sequences: null, reason: 'unreadable' })
      },
    }),
    report,
  }
  return {
    scan: (from, upTo, signal) => scan(parts, { from, upTo }, signal),
    heads: (from, upTo, signal) => heads(parts, { from, upTo }, signal),
    read: (ref) => read(parts, ref),
    first: async () => (await listSegments(files))[0]?.firstSequence ?? null,
    letGo: async () => parts.open.keepOnly(await listSegments(files)),
    heldBytes: () => parts.open.heldBytes(),
    close: () => parts.open.close(),
  }
}

interface ReaderParts {
  readonly files: LogFiles
  readonly open: OpenSegments
  readonly report: (damage: LogDamage) => void
  /** Stretches that the disk did not read. */
  unread: number
}

interface Range {
  readonly from: number
  readonly upTo: number
}

async function* scan(
  parts: ReaderParts,
  range: Range,
  signal: AbortSignal,
): AsyncGenerator<FrameRef> {
  for await (const { found, segment } of frames(parts, range, 'heads', signal))
    yield refOf(found, segment)
}

async function* heads(
  parts: ReaderParts,
  range: Range,
  signal: AbortSignal,
): AsyncGenerator<FrameHead & { sequence: number }> {
  // What could not be read before is tried again.
  await parts.open.keepOnly([])
  const before = parts.unread
  const report = (damage: LogDamage): void => {
    parts.report(damage)
    if (damage.reason === 'missing' && parts.unread > before)
      throw unreadable(`the disk does not read frame ${damage.sequences?.from ?? ''} of the log`)
  }
  try {
    for await (const { found } of frames({ ...parts, report }, range, 'bodies', signal))
      yield { ...found.head, sequence: found.header.sequence }
  } finally {
    await parts.open.keepOnly([])
  }
}

interface Placed {
  readonly found: FoundFrame
  readonly segment: string
}

async function* frames(
  parts: ReaderParts,
  { from, upTo }: Range,
  depth: WalkDepth,
  signal: AbortSignal,
): AsyncGenerator<Placed> {
  const { files, open, report } = parts
  const segments = await listSegments(files)
  await open.keepOnly(segments)
  // What stood before the first segment was dropped after it was loaded.
  let expected = Math.max(from, segments[0]?.firstSequence ?? from)
  for (const { segment, last } of stretches(segments, from, upTo)) {
    const range = { from: expected, last, depth }
    for await (const found of scanSegment(parts, segment, range, signal)) {
      const { sequence } = found.header
      if (sequence > expected) report(missing(segment.name, found.offset, expected, sequence - 1))
      expected = sequence + 1
      yield { found, segment: segment.name }
    }
    if (signal.aborted) return
    if (expected <= last) report(missing(segment.name, -1, expected, last))
    expected = last + 1
  }
  if (segments.length === 0 && expected <= upTo) report(missing('', -1, expected, upTo))
}

async function* scanSegment(
  { open, report }: ReaderParts,
  segment: Segment,
  {
    from,
    last,
    depth,
  }: { readonly from: number; readonly last: number; readonly depth: WalkDepth },
  signal: AbortSignal,
): AsyncGenerator<FoundFrame> {
  const opened = await open.use(segment.name)
  try {
    let next =
      opened.next.sequence <= from ? opened.next : { sequence: segment.firstSequence, offset: 0 }
    opened.blocks.forget(opened.next.offset)
    for await (const found of walkSegment(opened.blocks, next.offset, depth)) {
      if (signal.aborted) return
      if (found.kind === 'damage') {
        report({
          segment: segment.name,
          offset: found.offset,
          bytes: found.bytes,
          sequences: null,
          reason: 'unreadable',
        })
        continue
      }
      const { sequence } = found.header
      // Below: a stale copy. Above: never acknowledged, or not yet announced.
      if (sequence < next.sequence) continue
      if (sequence > last) return
      next = { sequence: sequence + 1, offset: found.offset + found.bytes }
      if (opened.next.sequence < next.sequence) opened.next = next
      if (sequence >= from) yield found
      if (sequence === last) return
    }
  } finally {
    await open.leave(opened)
  }
}

async function read({ open, report }: ReaderParts, ref: FrameRef): Promise<Frame> {
  const opened = await open.use(ref.segment)
  try {
    const frame = decodeFrame(await opened.blocks.read(ref.offset, ref.bytes), ref)
    if (frame !== null) return frame
  } finally {
    await open.leave(opened)
  }
  const sequences = { from: ref.sequence, to: ref.sequence }
  report({ segment: ref.segment, offset: ref.offset, bytes: ref.bytes, sequences, reason: 'body' })
  throw unreadable(
    `frame ${ref.sequence} in ${ref.segment} at ${ref.offset} does not match its checksum`,
  )
}

/** Tells each damaged stretch once; after REPORTS_MAX of them no more. */
function reportOnce(onDamage: (damage: LogDamage) => void): (damage: LogDamage) => void {
  const reported = new Set<string>()
  return (damage) => {
    const key = `${damage.segment}:${damage.offset}:${damage.sequences?.from ?? ''}`
    if (reported.has(key) || reported.size >= REPORTS_MAX) return
    reported.add(key)
    onDamage(damage)
  }
}

/** The segments that hold `from` to `upTo`, each with the last sequence to take from it. */
function* stretches(
  segments: readonly Segment[],
  from: number,
  upTo: number,
): Generator<{ segment: Segment; last: number }> {
  for (const [index, segment] of segments.entries()) {
    const following = segments[index + 1]
    if (segment.firstSequence > upTo) return
    if (following !== undefined && following.firstSequence <= from) continue
    const last = following === undefined ? upTo : Math.min(upTo, following.firstSequence - 1)
    yield { segment, last }
  }
}

function missing(segment: string, offset: number, from: number, to: number): LogDamage {
  return { segment, offset, bytes: 0, sequences: { from, to }, reason: 'missing' }
}

function refOf(found: FoundFrame, segment: string): FrameRef {
  return {
    sequence: found.header.sequence,
    workspaceId: found.head.workspaceId,
    dataSourceId: found.head.dataSourceId,
    schemaVersion: found.head.schemaVersion,
    rowCount: found.head.rowCount,
    refusedCount: found.head.refusedCount,
    bytes: found.bytes,
    segment,
    offset: found.offset,
  }
}

/** The frame in these bytes, or null when they are not the frame `ref` speaks of. The copies outlive the block they came from. */
function decodeFrame(bytes: Buffer, ref: FrameRef): Frame | null {
  if (bytes.length !== ref.bytes || bytes.length < FRAME_HEADER_BYTES) return null
  const header = decodeHeader(bytes)
  if (header?.sequence !== ref.sequence || frameBytes(header) !== bytes.length) return null
  const head = decodeHead(bytes, header)
  const rowsAt = FRAME_HEADER_BYTES + header.headBytes
  if (head === null || checksum(bytes.subarray(rowsAt), 0) !== header.bodyCrc) return null
  const refusedAt = rowsAt + header.rowsBytes
  const rows = Buffer.from(bytes.subarray(rowsAt, refusedAt))
  const refused = Buffer.from(bytes.subarray(refusedAt))
  return { ...head, sequence: header.sequence, rows, refused }
}
