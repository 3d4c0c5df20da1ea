// Snappy, bare or in the frames that Java's clients put around it. Source: google/snappy format_description.txt, read 2026-11.
import { GrowingBytes } from './growing-bytes.ts'

const JAVA_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const JAVA_HEAD_BYTES = 16

/** @throws Error when the bytes are damaged. */
export function unpackSnappy(packed: Buffer): Buffer {
  const into = new GrowingBytes(packed.length * 3)
  if (!packed.subarray(0, JAVA_MAGIC.length).equals(JAVA_MAGIC)) unpackBlock(packed, into)
  else {
    for (let at = JAVA_HEAD_BYTES; at < packed.length;) {
      const length = packed.readInt32BE(at)
      unpackBlock(packed.subarray(at + 4, at + 4 + length), into)
      at += 4 + length
    }
  }
  return into.take()
}

function unpackBlock(block: Buffer, into: GrowingBytes): void {
  // The length, seven bits a byte: what follows says it too.
  let at = 0
  while ((block[at] ?? 0) >= 0x80) at += 1
  at += 1
  while (at < block.length) {
    const tag = block.readUInt8(at)
    at += 1
    const kind = tag & 3
    if (kind === 0) {
      const short = tag >>> 2
      const extra = short < 60 ? 0 : short - 59
      const length = (extra === 0 ? short : block.readUIntLE(at, extra)) + 1
      into.add(block, at + extra, at + extra + length)
      at += extra + length
    } else if (kind === 1) {
      into.repeat(((tag >>> 5) << 8) | block.readUInt8(at), ((tag >>> 2) & 7) + 4)
      at += 1
    } else {
      const bytes = kind === 2 ? 2 : 4
      into.repeat(block.readUIntLE(at, bytes), (tag >>> 2) + 1)
      at += bytes
    }
  }
}
