// Puts groups of frames on disk, one sync each. It refuses to go on in a file whose sync failed: the kernel may have dropped the pages
// it could not write and call the next sync a success. Such a file is left as it is and the same sequences go to a new one.
import { fault, type Fault } from '@sandpiper/faults'
import { encodeHead } from './frame-bytes.ts'
import type { NewFrame } from './frame.ts'
import type { LogFile, LogFiles } from './log-files.ts'
import { segmentName } from './segments.ts'

/** Space is written ahead in steps of this size, so that most syncs need not record a new file size. */
const AHEAD_BYTES = 1024 * 1024
const ZEROS = Buffer.alloc(AHEAD_BYTES)

/** A frame with the checksum over its rows and refused lines. */
export interface PreparedFrame {
  readonly frame: NewFrame
  readonly bodyCrc: number
}

/** Where the writer stands. */
export interface SegmentWriter {
  /** Sequence of the last frame that is on disk. */
  durable(): number
  /** Bytes left in the current segment; a frame that needs more begins a new one. */
  room(): number
  /**
   * Writes the frames and syncs. All or none: on rejection the sequences are given to other frames.
   * @throws fault `storage.full` (507) when the disk has no space | `log.unavailable` (503) on any other failure.
   */
  write(frames: readonly PreparedFrame[]): Promise<{ bytes: number }>
  /** Goes on in a new segment with the next frame. */
  roll(): Promise<void>
  close(): Promise<void>
  readonly counts: {
    readonly syncs: number
    readonly failedSyncs: number
    readonly segments: number
  }
}

interface Current {
  readonly file: LogFile
  /** Bytes that are durable. */
  end: number
  /** Bytes the file has, space written ahead included. */
  size: number
}

/** @param start what recovery found; `tail` null begins a new segment with the first frame. */
export async function createSegmentWriter(
  files: LogFiles,
  start: {
    readonly lastSequence: number
    readonly tail: { readonly name: string; readonly end: number } | null
  },
  options: { readonly segmentBytesMax: number },
): Promise<SegmentWriter> {
  let durable = start.lastSequence
  let current: Current | null = null
  const counts = { syncs: 0, failedSyncs: 0, segments: 0 }
  if (start.tail !== null && start.tail.end < options.segmentBytesMax) {
    current = {
      file: await files.openToWrite(start.tail.name),
      end: start.tail.end,
      size: start.tail.end,
    }
  }

  async function begin(): Promise<Current> {
    const name = segmentName(durable + 1)
    const file = await files.create(name).catch(async (error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
      // A file of this name holds nothing that was acknowledged: its first sync failed.
      await files.remove(name)
      return files.create(name)
    })
    try {
      await files.syncNames()
    } catch (error) {
      await file.close()
      throw error
    }
    counts.segments += 1
    return { file, end: 0, size: 0 }
  }

  /** Leaves the current file for good. */
  async function abandon(): Promise<void> {
    const left = current
    current = null
    await left?.file.close().catch(() => undefined)
  }

  async function writeBytes(
    segment: Current,
    buffers: readonly Buffer[],
    bytes: number,
  ): Promise<void> {
    const end = segment.end + bytes
    const ahead =
      end <= segment.size ? 0 : Math.min(AHEAD_BYTES, Math.max(0, options.segmentBytesMax - end))
    try {
      await segment.file.write(
        ahead === 0 ? buffers : [...buffers, ZEROS.subarray(0, ahead)],
        segment.end,
      )
    } catch (error) {
      if (!isDiskFull(error) || ahead === 0) throw error
      // The space ahead is a convenience; the frames themselves may still fit.
      await segment.file.truncate(segment.end)
      await segment.file.write(buffers, segment.end)
      segment.size = end
      return
    }
    segment.size = Math.max(segment.size, end + ahead)
  }

  /** A failed write leaves whole frames behind that nobody may read; without them gone the file is not used again. */
  async function undo(segment: Current): Promise<void> {
    try {
      await segment.file.truncate(segment.end)
      segment.size = segment.end
    } catch {
      await abandon()
    }
  }

  return {
    durable: () => durable,
    room: () =>
      current === null || current.end === 0
        ? Number.POSITIVE_INFINITY
        : options.segmentBytesMax - current.end,
    counts,
    async write(frames) {
      const buffers = frames.flatMap((prepared, index) =>
        frameBuffers(prepared, durable + 1 + index),
      )
      const bytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0)
      let segment: Current
      try {
        segment = current ??= await begin()
      } catch (error) {
        throw writeFault(error)
      }
      try {
        await writeBytes(segment, buffers, bytes)
      } catch (error) {
        await undo(segment)
        throw writeFault(error)
      }
      try {
        await segment.file.sync()
      } catch (error) {
        counts.failedSyncs += 1
        await abandon()
        throw writeFault(error)
      }
      counts.syncs += 1
      segment.end += bytes
      durable += frames.length
      return { bytes }
    },
    roll: abandon,
    close: abandon,
  }
}

/** Small parts are joined: one long write is cheaper than many short ones. */
function frameBuffers({ frame, bodyCrc }: PreparedFrame, sequence: number): Buffer[] {
  const body = { rowsBytes: frame.rows.length, refusedBytes: frame.refused.length, crc: bodyCrc }
  const buffers = [encodeHead(frame, sequence, body), frame.rows, frame.refused].filter(
    (buffer) => buffer.length > 0,
  )
  return body.rowsBytes + body.refusedBytes <= 64 * 1024 ? [Buffer.concat(buffers)] : buffers
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
