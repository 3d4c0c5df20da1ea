// Puts groups of frames on disk, one sync each. It refuses to go on in a file whose sync failed: the kernel may have dropped the pages
// it could not write and call the next sync a success. Such a file is left as it is and the same sequences go to a new one.
import { fault, type Fault } from '@sandpiper/faults'
import { frameBuffers, type PreparedFrame } from './frame-buffers.ts'
import type { LogFile, LogFiles } from './log-files.ts'
import { createNextSegment, type NextSegment } from './next-segment.ts'
import { segmentName } from './segments.ts'

/** Space is written ahead in steps of this size, so that most syncs need not record a new file size. */
const AHEAD_BYTES = 1024 * 1024
const ZEROS = Buffer.alloc(AHEAD_BYTES)

/** From so many bytes a second on, the next segment is made while this one fills. */
const BUSY_BYTES_PER_SECOND = 1024 * 1024

/** What recovery found; `tail` null begins a new segment with the first frame. */
export interface SegmentStart {
  readonly lastSequence: number
  readonly tail: { readonly name: string; readonly end: number } | null
}

interface Current {
  readonly file: LogFile
  /** Bytes that are durable. */
  end: number
  /** Bytes the file has, space written ahead included. */
  size: number
  /** When it was opened, and where it ended then. */
  readonly sinceMs: number
  readonly from: number
}

interface SegmentWriterOptions {
  readonly segmentBytesMax: number
  /** Whether there is room for one more segment than those in use. */
  readonly mayPrepare: () => boolean
  /** Milliseconds that never go back. */
  readonly monotonicMs: () => number
  /** Told after each successful sync how many seconds it took. */
  readonly onSync: (seconds: number) => void
}

/** Opens the segment that recovery found fit to go on in. */
export async function createSegmentWriter(
  files: LogFiles,
  start: SegmentStart,
  options: SegmentWriterOptions,
): Promise<SegmentWriter> {
  const { tail } = start
  if (tail === null || tail.end >= options.segmentBytesMax) {
    return new SegmentWriter(files, start.lastSequence, null, options)
  }
  const file = await files.openToWrite(tail.name)
  const current = currentOf(file, tail.end, tail.end, options)
  return new SegmentWriter(files, start.lastSequence, current, options)
}

/** Writes to one segment at a time. One call of write() at a time. */
export class SegmentWriter {
  readonly counts = { syncs: 0, failedSyncs: 0, segments: 0 }
  private readonly files: LogFiles
  private readonly segmentBytesMax: number
  private readonly options: SegmentWriterOptions
  private readonly next: NextSegment
  private last: number
  private current: Current | null

  constructor(
    files: LogFiles,
    lastSequence: number,
    current: Current | null,
    options: SegmentWriterOptions,
  ) {
    this.files = files
    this.last = lastSequence
    this.current = current
    this.segmentBytesMax = options.segmentBytesMax
    this.options = options
    this.next = createNextSegment(files, options.segmentBytesMax)
  }

  /** Sequence of the last frame that is on disk. */
  durable(): number {
    return this.last
  }

  /** Bytes left in the current segment; a frame that needs more begins a new one. */
  room(): number {
    const { current } = this
    if (current === null || current.end === 0) return Number.POSITIVE_INFINITY
    return this.segmentBytesMax - current.end
  }

  /**
   * Writes the frames and syncs. All or none: on rejection the sequences are given to other frames.
   * @throws fault `storage.full` (507) when the disk has no space | `log.unavailable` (503) on any other failure.
   */
  async write(frames: readonly PreparedFrame[]): Promise<{ bytes: number }> {
    const buffers = frameBuffers(frames, this.last + 1)
    const bytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0)
    try {
      const segment = (this.current ??= await this.begin())
      await this.writeOrUndo(segment, buffers, bytes)
      await this.syncOrLeave(segment)
      segment.end += bytes
      if (isHalfFull(segment, this.options) && this.options.mayPrepare()) this.next.prepare()
    } catch (error) {
      throw writeFault(error)
    }
    this.last += frames.length
    return { bytes }
  }

  /** Leaves the current file for good, with nothing behind its last frame: the next one begins a new segment. */
  async leave(): Promise<void> {
    const { current } = this
    if (current !== null && current.size > current.end)
      await current.file.truncate(current.end).catch(() => undefined)
    await this.abandon()
  }

  /** Leaves it, and what was made for the next one. */
  async close(): Promise<void> {
    await this.next.close()
    await this.leave()
  }

  /** Leaves the current file as it is: what failed in it may have left anything behind. */
  private async abandon(): Promise<void> {
    const left = this.current
    this.current = null
    await left?.file.close().catch(() => undefined)
  }

  private async begin(): Promise<Current> {
    const name = segmentName(this.last + 1)
    const prepared = await this.next.take(name)
    const file = prepared ?? (await this.create(name))
    try {
      await this.files.syncNames()
    } catch (error) {
      await file.close()
      throw error
    }
    this.counts.segments += 1
    return currentOf(file, 0, prepared === null ? 0 : this.segmentBytesMax, this.options)
  }

  private async create(name: string): Promise<LogFile> {
    return this.files.create(name).catch(async (error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
      // A file of this name holds nothing that was acknowledged: its first sync failed.
      await this.files.remove(name)
      return this.files.create(name)
    })
  }

  /** A failed write leaves whole frames behind that nobody may read; without them gone the file is not used again. */
  private async writeOrUndo(
    segment: Current,
    buffers: readonly Buffer[],
    bytes: number,
  ): Promise<void> {
    try {
      await this.writeAhead(segment, buffers, bytes)
    } catch (error) {
      try {
        await segment.file.truncate(segment.end)
        segment.size = segment.end
      } catch {
        await this.abandon()
      }
      throw error
    }
  }

  private async writeAhead(
    segment: Current,
    buffers: readonly Buffer[],
    bytes: number,
  ): Promise<void> {
    const end = segment.end + bytes
    const ahead =
      end <= segment.size ? 0 : Math.min(AHEAD_BYTES, Math.max(0, this.segmentBytesMax - end))
    try {
      await segment.file.write(
        ahead === 0 ? buffers : [...buffers, ZEROS.subarray(0, ahead)],
        segment.end,
      )
      segment.size = Math.max(segment.size, end + ahead)
    } catch (error) {
      if (!isDiskFull(error) || ahead === 0) throw error
      // The space ahead is a convenience; the frames themselves may still fit.
      await segment.file.truncate(segment.end)
      await segment.file.write(buffers, segment.end)
      segment.size = end
    }
  }

  private async syncOrLeave(segment: Current): Promise<void> {
    const { monotonicMs } = this.options
    const startedAt = monotonicMs()
    try {
      await segment.file.sync()
    } catch (error) {
      this.counts.failedSyncs += 1
      await this.abandon()
      throw error
    }
    this.counts.syncs += 1
    this.options.onSync((monotonicMs() - startedAt) / 1000)
  }
}

function currentOf(
  file: LogFile,
  end: number,
  size: number,
  { monotonicMs }: SegmentWriterOptions,
): Current {
  return { file, end, size, sinceMs: monotonicMs(), from: end }
}

/** Half full, and filling so fast that the next one is soon needed: most logs never take the room. */
function isHalfFull(
  { end, from, sinceMs }: Current,
  { segmentBytesMax, monotonicMs }: SegmentWriterOptions,
): boolean {
  if (end < segmentBytesMax / 2) return false
  return (end - from) * 1_000 >= (monotonicMs() - sinceMs) * BUSY_BYTES_PER_SECOND
}

function writeFault(error: unknown): Fault {
  if (isDiskFull(error)) {
    return fault('storage.full', {
      public: 'The disk is full: the events were not stored. Free some space and send them again.',
      headers: { 'Retry-After': '5' },
      cause: error,
    })
  }
  return fault('log.unavailable', {
    public: 'The events could not be stored. Send them again.',
    internal: `the event log could not be written: ${codeOf(error)}`,
    headers: { 'Retry-After': '1' },
    cause: error,
  })
}

function isDiskFull(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : String(error)
}
