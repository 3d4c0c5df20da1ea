// The bytes of a run: blocks of sorted records, each with its checksum, then what is kept in memory of it, then where that lies.
import { crc32 } from 'node:zlib'
import { type Mark } from './key-marks.ts'
import { type Group, RECORD_BYTES } from './key-record.ts'

export const BLOCK_BYTES = 4_096
export const BLOCK_HEAD_BYTES = 64
export const BLOCK_RECORDS = (BLOCK_BYTES - BLOCK_HEAD_BYTES) / RECORD_BYTES
export const FOOTER_BYTES = 64
const MAGIC = Buffer.from('SPKEYR1\n')

/** What a run tells of itself. */
export interface RunTail {
  /** It covers the event log from behind this sequence up to and with `to`. */
  readonly from: number
  readonly to: number
  readonly count: number
  readonly groups: readonly Group[]
  readonly marks: Readonly<Record<string, readonly Mark[]>>
}

/** Where the parts behind the blocks lie, and their checksum. */
export interface Footer {
  readonly blocks: number
  readonly tailBytes: number
  readonly filterBytes: number
  readonly checksum: number
}

export function runName(from: number, to: number): string {
  return `${String(from).padStart(16, '0')}-${String(to).padStart(16, '0')}.keys`
}

/** What the run of that name covers; null when it is no run. */
export function runRange(name: string): { from: number; to: number } | null {
  if (!/^\d{16}-\d{16}\.keys$/.test(name)) return null
  return { from: Number(name.slice(0, 16)), to: Number(name.slice(17, 33)) }
}

/** Seals the block that begins at `at`. */
export function sealBlock(bytes: Buffer, at: number, block: number, records: number): void {
  bytes.fill(0, at, at + BLOCK_HEAD_BYTES)
  bytes.writeUInt32LE(block, at + 4)
  bytes.writeUInt32LE(records, at + 8)
  bytes.fill(0, at + BLOCK_HEAD_BYTES + records * RECORD_BYTES, at + BLOCK_BYTES)
  bytes.writeUInt32LE(crc32(bytes.subarray(at + 4, at + BLOCK_BYTES)), at)
}

/** How many records the block has; null when it is damaged. */
export function recordsOfBlock(bytes: Buffer, at: number, block: number): number | null {
  const isWhole =
    bytes.length >= at + BLOCK_BYTES &&
    bytes.readUInt32LE(at) === crc32(bytes.subarray(at + 4, at + BLOCK_BYTES)) &&
    bytes.readUInt32LE(at + 4) === block
  return isWhole ? bytes.readUInt32LE(at + 8) : null
}

export function encodeFooter(footer: Footer): Buffer {
  const bytes = Buffer.alloc(FOOTER_BYTES)
  MAGIC.copy(bytes, 4)
  bytes.writeUInt32LE(footer.blocks, 12)
  bytes.writeUInt32LE(footer.tailBytes, 16)
  bytes.writeUInt32LE(footer.filterBytes, 20)
  bytes.writeUInt32LE(footer.checksum, 24)
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0)
  return bytes
}

/** null when it is damaged. */
export function decodeFooter(bytes: Buffer): Footer | null {
  if (bytes.length !== FOOTER_BYTES || bytes.readUInt32LE(0) !== crc32(bytes.subarray(4)))
    return null
  if (!bytes.subarray(4, 12).equals(MAGIC)) return null
  return {
    blocks: bytes.readUInt32LE(12),
    tailBytes: bytes.readUInt32LE(16),
    filterBytes: bytes.readUInt32LE(20),
    checksum: bytes.readUInt32LE(24),
  }
}
