// Walks the frames of one segment in order. What is not a whole frame is reported as damage and stepped over: the walk looks for the
// next place where a valid frame begins, so damage stays within the frames it hit. Zeros to the end of the file are no damage: they
// are space written ahead by the appender.
import { type Fault, fault } from '@sandpiper/faults'
import type { FrameHead } from './frame.ts'
import {
  checksum,
  decodeHead,
  decodeHeader,
  FRAME_HEAD_BYTES_MAX,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  FRAME_VERSION,
  frameBytes,
  type FrameHeader,
  newerVersion,
} from './frame-bytes.ts'

/** Bytes that can be read at random, such as a file. */
export interface ByteSource {
  /** Up to `length` bytes at `position`; fewer only at the end. */
  read(position: number, length: number): Promise<Buffer>
}

/** What stands at a place in a segment. */
export type Found =
  | FoundFrame
  /** `magics`: how often a frame's first bytes stand in the stretch, so at least so many frames were hit. */
  | {
      readonly kind: 'damage'
      readonly offset: number
      readonly bytes: number
      readonly magics: number
    }

/** A frame whose head is sound. `bytes` counts header, head and body. */
export interface FoundFrame {
  readonly kind: 'frame'
  readonly offset: number
  readonly bytes: number
  readonly header: FrameHeader
  readonly head: FrameHead
}

/** `heads` trusts a body whose head is right; `bodies` reads and checks every byte. */
export type WalkDepth = 'heads' | 'bodies'

const WINDOW_BYTES = 256 * 1024
const ZEROS = Buffer.alloc(WINDOW_BYTES)

/** Frames and damaged stretches from `offset` to the end of the source, in order. Holds one window of 256 KiB in memory. */
export async function* walkSegment(
  source: ByteSource,
  offset: number,
  depth: WalkDepth,
): AsyncGenerator<Found> {
  let at = offset
  for (;;) {
    const frame = await frameAt(source, at, depth)
    if (frame !== null) {
      yield frame
      at += frame.bytes
      continue
    }
    const gap = await nextFrame(source, at, depth)
    if (gap.bytes > 0) yield { kind: 'damage', offset: at, bytes: gap.bytes, magics: gap.magics }
    if (gap.frame === null) return
    yield gap.frame
    at = gap.frame.offset + gap.frame.bytes
  }
}

async function frameAt(
  source: ByteSource,
  offset: number,
  depth: WalkDepth,
): Promise<FoundFrame | null> {
  const start = await source.read(offset, FRAME_HEADER_BYTES + FRAME_HEAD_BYTES_MAX)
  if (start.length < FRAME_HEADER_BYTES) return null
  const header = decodeHeader(start)
  const newer = header === null ? newerVersion(start) : null
  if (newer !== null) throw tooNew(newer)
  if (header === null || start.length < FRAME_HEADER_BYTES + header.headBytes) return null
  const head = decodeHead(start, header)
  if (head === null || !(await bodyIsThere(source, offset, header, depth))) return null
  return { kind: 'frame', offset, bytes: frameBytes(header), header, head }
}

/** Not damage: whoever steps over it would lose what a newer program has acknowledged. */
function tooNew(version: number): Fault {
  const text = `The event log was written by a newer version of Sandpiper (frames of version ${version}; this one reads version ${FRAME_VERSION}). Start that version.`
  return fault('log.unavailable', { public: text })
}

async function bodyIsThere(
  source: ByteSource,
  offset: number,
  header: FrameHeader,
  depth: WalkDepth,
): Promise<boolean> {
  const end = offset + frameBytes(header)
  if (depth === 'heads') {
    const last = await source.read(end - 1, 1)
    return last.length === 1
  }
  let crc = 0
  let at = offset + FRAME_HEADER_BYTES + header.headBytes
  while (at < end) {
    const bytes = await source.read(at, Math.min(WINDOW_BYTES, end - at))
    if (bytes.length === 0) return false
    crc = checksum(bytes, crc)
    at += bytes.length
  }
  return crc === header.bodyCrc
}

interface Gap {
  /** Damaged bytes before the next frame or the end; 0 when there are only zeros left. */
  readonly bytes: number
  readonly magics: number
  readonly frame: FoundFrame | null
}

/** Looks for the next valid frame after `offset`, where none begins. */
async function nextFrame(source: ByteSource, offset: number, depth: WalkDepth): Promise<Gap> {
  let at = offset
  let magics = 0
  let lastNonZero = offset - 1
  for (;;) {
    const window = await source.read(at, WINDOW_BYTES)
    const last = lastNonZeroIndex(window)
    if (last >= 0) lastNonZero = at + last
    for (
      let found = window.indexOf(FRAME_MAGIC);
      found >= 0;
      found = window.indexOf(FRAME_MAGIC, found + 1)
    ) {
      const frame = at + found === offset ? null : await frameAt(source, at + found, depth)
      if (frame !== null) return { bytes: frame.offset - offset, magics, frame }
      magics += 1
    }
    if (window.length < WINDOW_BYTES)
      return { bytes: lastNonZero + 1 - offset, magics, frame: null }
    // A magic may lie across two windows.
    at += window.length - (FRAME_MAGIC.length - 1)
  }
}

function lastNonZeroIndex(window: Buffer): number {
  // Space written ahead is megabytes of them.
  if (window.length === WINDOW_BYTES && window.equals(ZEROS)) return -1
  let index = window.length - 1
  while (index >= 0 && window[index] === 0) index -= 1
  return index
}
