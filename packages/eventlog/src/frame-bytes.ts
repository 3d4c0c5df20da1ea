// The bytes of a frame, as docs/specs/event-log.md lays them out. The head's checksum covers the sequence, the lengths, the body's
// checksum and the head, so a scan may trust a head without reading the body; the body's own checksum can be computed before the
// frame has its sequence. The first byte of the magic never occurs in UTF-8, and rows are UTF-8: no event can imitate a frame.
import { crc32 } from 'node:zlib'
import { assert } from '@sandpiper/assert'
import type { FrameHead } from './frame.ts'

/** Bytes before the head's JSON. */
export const FRAME_HEADER_BYTES = 32

/** What every version of a frame begins with. */
export const FRAME_MAGIC = Buffer.from([0xf5, 0x53, 0x50])

/** The version of the layout this code writes, the byte after the magic. It reads every version up to this one. */
export const FRAME_VERSION = 1
const VERSION_AT = FRAME_MAGIC.length

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

/** Lengths and checksum of what follows a frame's head. */
export interface FrameBody {
  readonly rowsBytes: number
  readonly refusedBytes: number
  /** Over the rows and the refused lines. */
  readonly crc: number
}

/** A head as text, which is the same whatever sequence the frame gets. */
export interface HeadText {
  readonly json: string
  /** Of the text in UTF-8. */
  readonly bytes: number
}

/** The text of a head. */
export function headText(head: FrameHead): HeadText {
  const json = headJson(head)
  const bytes = Buffer.byteLength(json, 'utf8')
  assert(bytes <= FRAME_HEAD_BYTES_MAX, 'a frame head is larger than its limit')
  return { json, bytes }
}

/** Writes header and head at `at`; rows and refused lines follow them on disk. @returns where they end. */
export function writeHead(
  into: Buffer,
  at: number,
  text: HeadText,
  sequence: number,
  body: FrameBody,
): number {
  assert(Number.isSafeInteger(sequence) && sequence > 0, `sequence ${sequence} is out of range`)
  into.set(FRAME_MAGIC, at)
  into[at + VERSION_AT] = FRAME_VERSION
  into.writeUInt32LE(sequence % TWO_32, at + 8)
  into.writeUInt32LE(Math.floor(sequence / TWO_32), at + 12)
  into.writeUInt32LE(text.bytes, at + 16)
  into.writeUInt32LE(body.rowsBytes, at + 20)
  into.writeUInt32LE(body.refusedBytes, at + 24)
  into.writeUInt32LE(body.crc, at + 28)
  const end = at + FRAME_HEADER_BYTES + text.bytes
  into.write(text.json, at + FRAME_HEADER_BYTES, 'utf8')
  into.writeUInt32LE(crc32(into.subarray(at + COVERED_FROM, end)), at + HEAD_CRC_AT)
  return end
}
const TWO_32 = 2 ** 32

/** Reads the 32 header bytes; null when they cannot begin a frame of this version. @param bytes at least FRAME_HEADER_BYTES. */
export function decodeHeader(bytes: Buffer): FrameHeader | null {
  return bytes[VERSION_AT] === FRAME_VERSION ? readHeader(bytes) : null
}

/** Checks and parses the head; null when its checksum does not match. @param bytes header and head JSON. */
export function decodeHead(bytes: Buffer, header: FrameHeader): FrameHead | null {
  if (headChecksum(bytes, header, FRAME_VERSION) !== header.headCrc) return null
  // The checksum matched, so this is what writeHead wrote.
  return JSON.parse(
    bytes.toString('utf8', FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + header.headBytes),
  ) as FrameHead
}

/**
 * The version of an intact frame that this code is too old for; null for anything else. Every version keeps the 32 bytes of the header,
 * and from version 2 on the head's checksum starts with the version: a damaged version byte never passes for another version.
 * @param bytes header and head.
 */
export function newerVersion(bytes: Buffer): number | null {
  const version = bytes[VERSION_AT]
  if (version === undefined || version <= FRAME_VERSION) return null
  const header = readHeader(bytes)
  if (header === null || bytes.length < FRAME_HEADER_BYTES + header.headBytes) return null
  return headChecksum(bytes, header, version) === header.headCrc ? version : null
}

function headChecksum(bytes: Buffer, { headBytes }: FrameHeader, version: number): number {
  const start = version === 1 ? 0 : version
  return crc32(bytes.subarray(COVERED_FROM, FRAME_HEADER_BYTES + headBytes), start)
}

function readHeader(bytes: Buffer): FrameHeader | null {
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

/** JSON.stringify would take half the time of an append. */
function headJson(head: FrameHead): string {
  return (
    `{"workspaceId":${text(head.workspaceId)},"dataSourceId":${text(head.dataSourceId)}` +
    `,"schemaVersion":${head.schemaVersion},"requestId":${text(head.requestId)}` +
    `,"arrivedAtMs":${head.arrivedAtMs}` +
    `,"idempotencyHash":${head.idempotencyHash === null ? 'null' : text(head.idempotencyHash)}` +
    `,"rowCount":${head.rowCount},"refusedCount":${head.refusedCount}` +
    (head.position === undefined ? '}' : `,"position":${JSON.stringify(head.position)}}`)
  )
}

function text(value: string): string {
  return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value)
}
const PLAIN = /^[\w-]*$/
