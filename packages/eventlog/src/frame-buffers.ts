// The bytes of a group of frames, ready to be written. Heads and small bodies are put into few long buffers: one long write is cheaper
// than many short ones. Large bodies are written from where they are.
import { FRAME_HEADER_BYTES, type HeadText, writeHead } from './frame-bytes.ts'
import type { NewFrame } from './frame.ts'

const SMALL_BODY_BYTES_MAX = 64 * 1024

/** A frame with the text of its head and the checksum over its rows and refused lines. */
export interface PreparedFrame {
  readonly frame: NewFrame
  readonly head: HeadText
  readonly bodyCrc: number
}

/** @param firstSequence the first frame's; the others follow. */
export function frameBuffers(frames: readonly PreparedFrame[], firstSequence: number): Buffer[] {
  let joinedBytes = 0
  for (const prepared of frames) {
    joinedBytes += FRAME_HEADER_BYTES + prepared.head.bytes
    if (isSmall(prepared)) joinedBytes += bodyBytes(prepared)
  }
  const joined = Buffer.allocUnsafe(joinedBytes)
  const buffers: Buffer[] = []
  let from = 0
  let at = 0
  for (const [index, prepared] of frames.entries()) {
    const { rows, refused } = prepared.frame
    const body = { rowsBytes: rows.length, refusedBytes: refused.length, crc: prepared.bodyCrc }
    at = writeHead(joined, at, prepared.head, firstSequence + index, body)
    if (isSmall(prepared)) {
      at += rows.copy(joined, at)
      at += refused.copy(joined, at)
      continue
    }
    buffers.push(joined.subarray(from, at), rows, refused)
    from = at
  }
  buffers.push(joined.subarray(from, at))
  return buffers.filter((buffer) => buffer.length > 0)
}

function isSmall(prepared: PreparedFrame): boolean {
  return bodyBytes(prepared) <= SMALL_BODY_BYTES_MAX
}

function bodyBytes({ frame }: PreparedFrame): number {
  return frame.rows.length + frame.refused.length
}
