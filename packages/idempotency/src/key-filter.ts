// Which keys a run may have, in memory: a filter of 16 bits per key that is wrong for one key in about a thousand, and then costs a read.
// All bits of a key lie in 64 bytes, so that asking costs one look at memory.
import { prefixAt } from './key-place.ts'

const BITS_PER_KEY = 16
const LINE_WORDS = 16
const LINE_BITS = 512

/** A filter for up to `keys` keys. */
export function createFilter(keys: number): KeyFilter {
  const lines = Math.max(1, Math.ceil((keys * BITS_PER_KEY) / LINE_BITS))
  return new KeyFilter(new Uint32Array(lines * LINE_WORDS))
}

/** @param bytes what `bytes()` of a filter gave. */
export function filterFrom(bytes: Buffer): KeyFilter {
  const words = new Uint32Array(bytes.length / 4)
  Buffer.from(words.buffer).set(bytes)
  return new KeyFilter(words)
}

export class KeyFilter {
  private readonly words: Uint32Array

  constructor(words: Uint32Array) {
    this.words = words
  }

  /** @param at where the key's place begins. */
  add(bytes: Buffer, at: number): void {
    const line = this.lineOf(bytes, at)
    for (let byte = 4; byte <= 8; byte += 4) {
      const bits = bytes.readUInt32BE(at + byte)
      for (let shift = 0; shift < 27; shift += 9) {
        const bit = (bits >>> shift) & 511
        const word = line + (bit >>> 5)
        this.words[word] = (this.words[word] ?? 0) | (1 << (bit & 31))
      }
    }
  }

  /** false: certainly not. */
  mayHave(bytes: Buffer, at: number): boolean {
    const line = this.lineOf(bytes, at)
    for (let byte = 4; byte <= 8; byte += 4) {
      const bits = bytes.readUInt32BE(at + byte)
      for (let shift = 0; shift < 27; shift += 9) {
        const bit = (bits >>> shift) & 511
        if (((this.words[line + (bit >>> 5)] ?? 0) & (1 << (bit & 31))) === 0) return false
      }
    }
    return true
  }

  bytes(): Buffer {
    return Buffer.from(this.words.buffer)
  }

  private lineOf(bytes: Buffer, at: number): number {
    const lines = this.words.length / LINE_WORDS
    return Math.floor((prefixAt(bytes, at) / 2 ** 48) * lines) * LINE_WORDS
  }
}
