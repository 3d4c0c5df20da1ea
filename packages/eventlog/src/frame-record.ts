// A frame as bytes of its own, for logs that give the positions themselves: the layout of a segment's frame with sequence 1.
import {
  checksum,
  decodeHead,
  decodeHeader,
  FRAME_HEADER_BYTES,
  frameBytes,
  headText,
  writeHead,
} from './frame-bytes.ts'
import type { NewFrame } from './frame.ts'

/** Sequence of every frame that has its place from somewhere else. */
const NO_SEQUENCE = 1

/** The bytes of a frame, checksums included. Copies rows and refused lines. */
export function encodeFrame(frame: NewFrame): Buffer {
  const text = headText(frame)
  const { rows, refused } = frame
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + text.bytes + rows.length + refused.length)
  const end = writeHead(bytes, 0, text, NO_SEQUENCE, {
    ...{ rowsBytes: rows.length, refusedBytes: refused.length },
    crc: checksum(refused, checksum(rows, 0)),
  })
  bytes.set(rows, end)
  bytes.set(refused, end + rows.length)
  return bytes
}

/** The frame in bytes of `encodeFrame`; null when they are anything else or damaged. Rows and refused lines are views of the bytes. */
export function decodeFrame(bytes: Buffer): NewFrame | null {
  if (bytes.length < FRAME_HEADER_BYTES) return null
  const header = decodeHeader(bytes)
  if (header === null || frameBytes(header) !== bytes.length) return null
  const head = decodeHead(bytes, header)
  const rowsAt = FRAME_HEADER_BYTES + header.headBytes
  if (head === null || checksum(bytes.subarray(rowsAt), 0) !== header.bodyCrc) return null
  const refusedAt = rowsAt + header.rowsBytes
  return { ...head, rows: bytes.subarray(rowsAt, refusedAt), refused: bytes.subarray(refusedAt) }
}
