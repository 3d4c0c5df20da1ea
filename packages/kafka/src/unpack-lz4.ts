// LZ4 frames. Source: lz4/doc/lz4_Frame_format.md and lz4_Block_format.md, read 2026-11. Checksums are not looked at: the batch has its own.
import { GrowingBytes } from './growing-bytes.ts'

const MAGIC = 0x184d2204
const HAS_SIZE = 0x08
const HAS_DICTIONARY = 0x01
const HAS_BLOCK_CHECKSUMS = 0x10

/** @throws Error when the bytes are damaged. */
export function unpackLz4(packed: Buffer): Buffer {
  const into = new GrowingBytes(packed.length * 3)
  for (let at = 0; at + 4 <= packed.length && packed.readUInt32LE(at) === MAGIC;)
    at = unpackFrame(packed, at, into)
  return into.take()
}

/** @returns where the frame ends. */
function unpackFrame(packed: Buffer, start: number, into: GrowingBytes): number {
  const flags = packed.readUInt8(start + 4)
  let at = start + 7
  if ((flags & HAS_SIZE) !== 0) at += 8
  if ((flags & HAS_DICTIONARY) !== 0) at += 4
  for (;;) {
    const word = packed.readUInt32LE(at)
    at += 4
    if (word === 0) break
    const length = word & 0x7fffffff
    if (word >>> 31 === 1) into.add(packed, at, at + length)
    else unpackBlock(packed.subarray(at, at + length), into)
    at += length + ((flags & HAS_BLOCK_CHECKSUMS) === 0 ? 0 : 4)
  }
  return (flags & 0x04) === 0 ? at : at + 4
}

function unpackBlock(block: Buffer, into: GrowingBytes): void {
  let at = 0
  const longer = (short: number): number => {
    if (short < 15) return short
    let length = short
    for (;;) {
      const more = block.readUInt8(at)
      at += 1
      length += more
      if (more < 255) return length
    }
  }
  while (at < block.length) {
    const token = block.readUInt8(at)
    at += 1
    const literals = longer(token >>> 4)
    into.add(block, at, at + literals)
    at += literals
    // The last sequence is literals only.
    if (at >= block.length) return
    const distance = block.readUInt16LE(at)
    at += 2
    into.repeat(distance, longer(token & 15) + 4)
  }
}
