// The bytes of a frame, as docs/specs/event-log.md lays them out. The head's checksum covers the sequence, the lengths, the body's
// checksum and the head, so a scan may trust a head without reading the body; the body's own checksum can be computed before the
// frame has its sequence. The first byte of the magic never occurs in UTF-8, and rows are UTF-8: no event can imitate a frame.
import { crc32 } from 'node:zlib'
import { assert } from '@sandpiper/assert'
import type { FrameHead } from './frame.ts'

/** Bytes before the head's JSON. */
export const FRAME_HEADER_BYTES = 32

/** Three magic bytes and the version of the layout. */
export const FRAME_MAGIC = Buffer.from([0xf5, 0x53, 0x50, 0x01])

/** A head's JSON is a few hundred bytes; more than this is damage. */
export const FRAME_HEAD_BYTES_MAX = 4096

const HEAD_CRC_AT = 4
const COVERED_FROM = 8

/** The fixed part of a frame, read from its first 32 bytes and not yet checked. */
export interface FrameHeader {
  readonly headCrc: number
  readonly sequence: number
  readonly headBytes: number
  readonly rowsBytes: number
  readonly refusedBytes: number
  readonly bodyCrc: number
}

/** Bytes of the whole frame, header included. */
export function frameBytes(header: FrameHeader): number {
  return FRAME_HEADER_BYTES + header.headBytes + header.rowsBytes + header.refusedBytes
}

/** Checksum of the body: the rows followed by the refused lines. @param start checksum of what came before, 0 at the start. */
export function checksum(bytes: Buffer, start: number): number {
  return crc32(bytes, start)
}

/** Header and head JSON of a frame; rows and refused lines follow it on disk. @param bodyCrc checksum over both of them. */
export function encodeHead(
  head: FrameHead,
  sequence: number,
  body: { readonly rowsBytes: number; readonly refusedBytes: number; readonly crc: number },
): Buffer {
  assert(Number.isSafeInteger(sequence) && sequence > 0, `sequence ${sequence} is out of range`)
  const json = Buffer.from(headJson(head), 'utf8')
  assert(json.length <= FRAME_HEAD_BYTES_MAX, 'a frame head is larger than its limit')
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + json.length)
  FRAME_MAGIC.copy(bytes, 0)
  bytes.writeBigUInt64LE(BigInt(sequence), 8)
  bytes.writeUInt32LE(json.length, 16)
  bytes.writeUInt32LE(body.rowsBytes, 20)
  bytes.writeUInt32LE(body.refusedBytes, 24)
  bytes.writeUInt32LE(body.crc, 28)
  json.copy(bytes, FRAME_HEADER_BYTES)
  bytes.writeUInt32LE(crc32(bytes.subarray(COVERED_FROM)), HEAD_CRC_AT)
  return bytes
}

/** Reads the 32 header bytes; null when they cannot begin a frame. @param bytes at least FRAME_HEADER_BYTES. */
export function decodeHeader(bytes: Buffer): FrameHeader | null {
  if (!bytes.subarray(0, FRAME_MAGIC.length).equals(FRAME_MAGIC)) return null
  const sequence = bytes.readBigUInt64LE(8)
  const headBytes = bytes.readUInt32LE(16)
  if (
    headBytes > FRAME_HEAD_BYTES_MAX ||
    sequence === 0n ||
    sequence > BigInt(Number.MAX_SAFE_INTEGER)
  )
    return null
  return {
    headCrc: bytes.readUInt32LE(HEAD_CRC_AT),
    sequence: Number(sequence),
    headBytes,
    rowsBytes: bytes.readUInt32LE(20),
    refusedBytes: bytes.readUInt32LE(24),
    bodyCrc: bytes.readUInt32LE(28),
  }
}

/** Checks and parses the head; null when its checksum does not match. @param bytes header and head JSON. */
export function decodeHead(bytes: Buffer, header: FrameHeader): FrameHead | null {
  const covered = bytes.subarray(COVERED_FROM, FRAME_HEADER_BYTES + header.headBytes)
  if (crc32(covered) !== header.headCrc) return null
  // The checksum matched, so this is what encodeHead wrote.
  return JSON.parse(
    bytes.toString('utf8', FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + header.headBytes),
  ) as FrameHead
}

function headJson(head: FrameHead): string {
  return JSON.stringify({
    workspaceId: head.workspaceId,
    dataSourceId: head.dataSourceId,
    schemaVersion: head.schemaVersion,
    requestId: head.requestId,
    arrivedAtMs: head.arrivedAtMs,
    idempotencyHash: head.idempotencyHash,
    rowCount: head.rowCount,
    refusedCount: head.refusedCount,
  } satisfies FrameHead)
}
