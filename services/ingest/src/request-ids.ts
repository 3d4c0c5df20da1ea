import { randomFillSync } from 'node:crypto'
import { ulid } from 'ulid'

const POOL_BYTES = 4096

/** ULIDs whose randomness is drawn in blocks: asking the system for each of the 16 characters costs more than the rest of a small request. */
export function createRequestIds(now: () => number): () => string {
  const pool = Buffer.alloc(POOL_BYTES)
  let used = POOL_BYTES
  const random = (): number => {
    if (used === POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    // 256 is a multiple of the alphabet's 32 characters: every character is equally likely.
    return pool.readUInt8(used++) / 256
  }
  return () => ulid(now(), random)
}
