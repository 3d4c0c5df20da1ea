// Zstandard, bounded. Source: RFC 8878, section 3. The library allocates what a frame's header says, and copies a window of that size for
// each block: headers are believed only after they were added up.
import { decompress } from 'fzstd'

import { UNPACKED_BYTES_MAX } from './growing-bytes.ts'

const MAGIC = 0xfd2fb528
const SKIPPED_MAGIC = 0x184d2a50
const BLOCK_BYTES_MAX = 128 * 1024
/** Bytes that windows may be moved by: seconds. */
const MOVED_BYTES_MAX = 8 * 1024 * 1024 * 1024

/** What unpacking takes, at most. */
interface Cost {
  unpackedBytes: number
  movedBytes: number
}

/** @throws Error when the bytes are damaged, or would become more than 256 MiB. */
export function unpackZstd(packed: Buffer): Buffer {
  const cost = { unpackedBytes: 0, movedBytes: 0 }
  const bytes = Buffer.from(packed)
  for (let at = 0; at < bytes.length;) {
    at = frameEnd(bytes, at, cost)
    if (cost.unpackedBytes > UNPACKED_BYTES_MAX || cost.movedBytes > MOVED_BYTES_MAX)
      throw tooLarge()
  }
  const unpacked = decompress(bytes)
  return Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength)
}

/** Adds what the frame takes, and makes its window no larger than what it becomes. @returns where it ends. */
function frameEnd(packed: Buffer, start: number, cost: Cost): number {
  const magic = packed.readUInt32LE(start)
  if ((magic & ~0xf) >>> 0 === SKIPPED_MAGIC) return start + 8 + packed.readUInt32LE(start + 4)
  if (magic !== MAGIC) throw new Error('a packed batch is damaged')
  const flags = packed.readUInt8(start + 4)
  const isSingle = (flags & 0x20) !== 0
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0
  const sizeBytes = flags >>> 6 === 0 ? Number(isSingle) : 1 << (flags >>> 6)
  const sizeAt = start + (isSingle ? 5 : 6) + dictionaryBytes
  const size = sizeOf(packed, sizeAt, sizeBytes)
  const blocks = blocksEnd(packed, sizeAt + sizeBytes)
  // Where the size is said, and is not none, what is unpacked goes to its place at once.
  const isInPlace = size !== null && size > 0
  cost.unpackedBytes += isInPlace ? size : blocks.bytes
  if (!isSingle && !isInPlace) {
    const descriptor = Math.min(packed.readUInt8(start + 5), descriptorFor(blocks.bytes))
    packed.writeUInt8(descriptor, start + 5)
    cost.movedBytes += windowBytes(descriptor) * (blocks.count + 1)
  }
  return blocks.end + ((flags & 0x04) === 0 ? 0 : 4)
}

function tooLarge(): Error {
  return new Error('a packed batch is too large')
}

/** Null when a frame does not say what it becomes. */
function sizeOf(packed: Buffer, at: number, bytes: number): number | null {
  if (bytes === 0) return null
  if (bytes === 8) return Number(packed.readBigUInt64LE(at))
  return packed.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0)
}

function windowBytes(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3))
  return base + (base / 8) * (descriptor & 7)
}

/** Of the smallest window that holds so many bytes: nothing is copied from farther away than the frame's beginning. */
function descriptorFor(bytes: number): number {
  let descriptor = 0
  while (descriptor < 0xff && windowBytes(descriptor) < bytes) descriptor += 1
  return descriptor
}

function blocksEnd(packed: Buffer, start: number): { end: number; bytes: number; count: number } {
  let at = start
  let bytes = 0
  for (let count = 1; ; count += 1) {
    const head = packed.readUIntLE(at, 3)
    const kind = (head >>> 1) & 3
    const size = head >>> 3
    // Stored, one byte that is repeated, or packed.
    bytes += kind === 2 ? BLOCK_BYTES_MAX : size
    at += 3 + (kind === 1 ? 1 : size)
    if ((head & 1) === 1) return { end: at, bytes, count }
  }
}
