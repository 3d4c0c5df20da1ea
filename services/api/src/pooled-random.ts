import { randomFillSync } from 'node:crypto'

/**
 * Gives numbers from 0 up to 1 of eight random bits each, unpredictable: enough for one character of a ULID. Many are asked for at
 * once: a call of the system for each character costs more than the rest of the id.
 */
export function pooledRandom(): () => number {
  const pool = Buffer.alloc(4_096)
  let used = pool.length
  return () => {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    return pool.readUInt8(used++) / 256
  }
}
