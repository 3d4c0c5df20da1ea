// What makes two requests the same: a hash over everything that decides what is stored.
import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Hashing this much takes a few milliseconds. */
const SLICE_BYTES = 4 * 1024 * 1024

/**
 * A hash of 32 hexadecimal digits (128 bits of SHA-256) over the parts and their borders: `['a', 'bc']` and `['ab', 'c']` differ.
 * Large parts are hashed in slices with a turn of the loop between them.
 */
export async function bodyHash(parts: readonly (string | Buffer)[]): Promise<string> {
  const hash = createHash('sha256')
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part
    hash.update(`${bytes.length}:`)
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      if (at > 0) await nextTurn()
      hash.update(bytes.subarray(at, at + SLICE_BYTES))
    }
  }
  return hash.digest('hex').slice(0, 32)
}
