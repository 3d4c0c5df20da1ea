// The appending side of the segment log: the only process that writes segment files. A frame is acknowledged after the fdatasync that
// covers it, and not one moment earlier.
import { assert } from '@sandpiper/assert'
import { type Fault, fault } from '@sandpiper/faults'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createCommitGroups } from './commit-groups.ts'
import type { EventLog, LogDamage } from './event-log.ts'
import { checksum, FRAME_HEAD_BYTES_MAX, FRAME_HEADER_BYTES, headText } from './frame-bytes.ts'
import type { NewFrame } from './frame.ts'
import { diskFiles, type LogFiles } from './log-files.ts'
import { createSpaceKeeper, LOG_KEEPING, type LogKeeping, type SpaceKeeper } from './log-space.ts'
import { NEXT_SEGMENT } from './next-segment.ts'
import { type RecoveredLog, recoverLog } from './recover-log.ts'
import { createSegmentWriter, type SegmentWriter } from './segment-writer.ts'
import { serveLink } from './serve-link.ts'

const MIB = 1024 * 1024
/** Checksumming this much takes about 2 ms. */
const CHECKSUM_SLICE_BYTES = 8 * MIB
/** The log is to have room for so many segments before one more is made than is in use. */
const SEGMENTS_TO_PREPARE = 8

/** Where the log is and how large its parts may grow. All sizes in bytes. */
export interface EventLogOptions {
  /** Folder of the segment files; created (0700) when missing. One process at a time may append to it. */
  readonly dir: string
  /** A segment is ended before it grows above this; default 64 MiB. A larger frame has a segment to itself. */
  readonly segmentBytesMax?: number
  /** Largest frame; default 128 MiB, at most 2 GiB. */
  readonly appendBytesMax?: number
  /** Accepted and not yet durable; default 256 MiB. Above it append rejects with `server.busy`. */
  readonly queueBytesMax?: number
  /** Where the writer connects, at most 107 bytes; without it `loaded` and `turn` wait for ever. */
  readonly socketPath?: string
  /** Sequences at or below are never given, whatever the files say: pass the highest one that was ever confirmed. Default 0. */
  readonly sequenceAfter?: number
  /** How long confirmed segments stay, and how much of the disk the log may take. */
  readonly keeping?: Partial<LogKeeping>
  /** Lowest sequence that somebody else than the writer still needs: its segment stays. Default: nobody does. */
  readonly keepFrom?: () => number
  /** Unix milliseconds; default the clock. */
  readonly now?: () => number
  /** Milliseconds that never go back; default this process's. */
  readonly monotonicMs?: () => number
  /** Told about each damaged stretch found at the start. */
  readonly onDamage?: (damage: LogDamage) => void
  /** Told after each successful sync how many seconds it took. */
  readonly onSync?: (seconds: number) => void
  /** The disk; default the real one. */
  readonly files?: LogFiles
}

/**
 * Opens the log, recovering from whatever the last stop left: damage is reported, never a reason not to start.
 * append rejects with `log.too_large` (413), `server.busy` (503, queue full), `log.unavailable` (503) or `storage.full` (507); after any of
 * them nothing of the frame is in the log, and the next append is tried afresh.
 */
export async function openEventLog(options: EventLogOptions): Promise<EventLog> {
  const files = options.files ?? diskFiles(options.dir)
  const appendBytesMax = options.appendBytesMax ?? 128 * MIB
  const queueBytesMax = options.queueBytesMax ?? 256 * MIB
  await files.prepare()
  const recovered = await recoverLog(files, options.onDamage ?? (() => undefined))
  const space = openSpace(options, files)
  const writer = await openWriter(options, files, recovered, space)
  await space.look()
  const link = await serveLink({
    socketPath: options.socketPath ?? null,
    durable: writer.durable(),
    onUnneeded: (below, wantedFrom) => {
      space.confirmedBelow(below, wantedFrom)
    },
  })
  const written = { frames: 0, bytes: 0 }
  let queuedBytes = 0
  const groups = createCommitGroups(writer, {
    onDurable(sequence, frames, bytes) {
      written.frames += frames
      written.bytes += bytes
      space.written(bytes)
      link.durable(sequence)
    },
    onAnswered: (bytes) => (queuedBytes -= bytes),
  })

  /** Not async itself: small frames, which most are, make one promise each. */
  function append(frame: NewFrame): Promise<number> {
    try {
      space.check()
      const bytes = bytesAtMost(frame)
      // Here, where a head that is too large is the fault of this frame alone: in its group all would be refused.
      const head = headText(frame)
      if (bytes > appendBytesMax) throw tooLarge(appendBytesMax)
      if (queuedBytes + bytes > queueBytesMax) throw queueFull()
      queuedBytes += bytes
      if (bytes <= CHECKSUM_SLICE_BYTES)
        return groups.add(
          { frame, head, bodyCrc: checksum(frame.refused, checksum(frame.rows, 0)) },
          bytes,
        )
      return bodyChecksum(frame).then((bodyCrc) => groups.add({ frame, head, bodyCrc }, bytes))
    } catch (err) {
      return Promise.reject(err instanceof Error ? err : new Error(String(err)))
    }
  }

  let closing: Promise<void> | null = null

  return {
    append,
    durable: () => writer.durable(),
    durableOf: () => Promise.resolve(writer.durable()),
    loaded: link.loaded,
    turn: link.turn,
    writerConnected: link.writerConnected,
    noteWriter: link.noteWriter,
    onNote: link.onNote,
    space: () => space.space(),
    counters: () => ({
      ...written,
      ...writer.counts,
      queuedBytes,
      loadedUpTo: link.loadedUpTo(),
    }),
    close: () => (closing ??= closeAll([groups, space, writer, link])),
  }
}

/** One after the other: what was added is written before the writer goes, and told before the link does. */
async function closeAll(parts: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const part of parts) await part.close()
}

function tooLarge(bytesMax: number): Fault {
  return fault('log.too_large', {
    public: `The request has more rows than fit into one append (${bytesMax} bytes). Split it.`,
  })
}

function queueFull(): Fault {
  return fault('server.busy', {
    public: 'Too many events are waiting for the disk. Try again.',
    headers: { 'Retry-After': '1' },
  })
}

async function openWriter(
  options: EventLogOptions,
  files: LogFiles,
  recovered: RecoveredLog,
  space: SpaceKeeper,
): Promise<SegmentWriter> {
  const after = options.sequenceAfter ?? 0
  const start = after > recovered.lastSequence ? { lastSequence: after, tail: null } : recovered
  const segmentBytesMax = options.segmentBytesMax ?? 64 * MIB
  // Left by a process that was killed; it is no segment yet, and whoever cannot remove it goes on.
  await files.remove(NEXT_SEGMENT).catch(() => undefined)
  return createSegmentWriter(files, start, {
    segmentBytesMax,
    // Zeros count as bytes of the log: where there is little room they would take the frames'.
    mayPrepare: () => space.roomBytes() >= SEGMENTS_TO_PREPARE * segmentBytesMax,
    monotonicMs: options.monotonicMs ?? (() => performance.now()),
    onSync: options.onSync ?? (() => undefined),
  })
}

function openSpace(options: EventLogOptions, files: LogFiles): SpaceKeeper {
  return createSpaceKeeper({
    files,
    keeping: { ...LOG_KEEPING, ...options.keeping },
    keepFrom: options.keepFrom ?? (() => Number.MAX_SAFE_INTEGER),
    now: options.now ?? Date.now,
  })
}

function bytesAtMost(frame: NewFrame): number {
  // One with a key says that it came again.
  const isEmpty = frame.rowCount + frame.refusedCount === 0 && frame.idempotencyHash === null
  assert(!isEmpty, 'an empty frame says nothing')
  return FRAME_HEADER_BYTES + FRAME_HEAD_BYTES_MAX + frame.rows.length + frame.refused.length
}

/** Checksum over rows, then refused lines; large bodies in slices, so that the loop stays free. */
async function bodyChecksum(frame: NewFrame): Promise<number> {
  let crc = 0
  for (const part of [frame.rows, frame.refused]) {
    for (let at = 0; at < part.length; at += CHECKSUM_SLICE_BYTES) {
      if (at > 0) await nextTurn()
      crc = checksum(part.subarray(at, at + CHECKSUM_SLICE_BYTES), crc)
    }
  }
  return crc
}
