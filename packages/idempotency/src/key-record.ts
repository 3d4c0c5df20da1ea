// The bytes of a key in the index. A record carries its own checksum: a damaged one is unknown, not another request's answer.
import { crc32 } from 'node:zlib'
import type { Remembered } from './idempotent-log.ts'

/** A key as the index has it. */
export interface KeyEntry extends Remembered {
  /** See idOf. */
  readonly id: string
  readonly bodyHash: string
}

const VERSION = 1
const FIXED_BYTES = 49

/** version, checksum, body hash, sequence, arrival, counts, then the data source's id as text. */
export function encodeRecord(entry: KeyEntry): Buffer {
  const id = Buffer.from(entry.dataSourceId, 'utf8')
  const bytes = Buffer.alloc(FIXED_BYTES + id.length)
  bytes[0] = VERSION
  bytes.write(entry.bodyHash, 5, 'hex')
  bytes.writeBigUInt64LE(BigInt(entry.sequence), 21)
  bytes.writeDoubleLE(entry.arrivedAtMs, 29)
  bytes.writeUInt32LE(entry.rowCount, 37)
  bytes.writeUInt32LE(entry.refusedCount, 41)
  bytes.writeUInt32LE(id.length, 45)
  id.copy(bytes, FIXED_BYTES)
  bytes.writeUInt32LE(crc32(bytes.subarray(5), crc32(entry.id)), 1)
  return bytes
}

/** null when the bytes are not those of this key. */
export function decodeRecord(id: string, bytes: Buffer): KeyEntry | null {
  if (bytes.length < FIXED_BYTES || bytes[0] !== VERSION) return null
  if (crc32(bytes.subarray(5), crc32(id)) !== bytes.readUInt32LE(1)) return null
  return {
    id,
    bodyHash: bytes.toString('hex', 5, 21),
    sequence: Number(bytes.readBigUInt64LE(21)),
    arrivedAtMs: bytes.readDoubleLE(29),
    rowCount: bytes.readUInt32LE(37),
    refusedCount: bytes.readUInt32LE(41),
    dataSourceId: bytes.toString('utf8', FIXED_BYTES),
  }
}
