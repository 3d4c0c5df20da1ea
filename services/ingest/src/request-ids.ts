import { randomFillSync } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_CHARS = 10
const RANDOM_CHARS = 16
const POOL_BYTES = 4096

/**
 * ULIDs, in order within a millisecond: the first id of a millisecond is random, those after it count on from there. The time's text is made
 * once per millisecond and randomness is drawn in blocks: both cost more than the rest of a small request otherwise.
 */
export function createRequestIds(now: () => number): () => string {
  const pool = Buffer.alloc(POOL_BYTES)
  const digits = new Uint8Array(RANDOM_CHARS)
  let used = POOL_BYTES
  let lastMs = -1
  let prefix = ''

  function begin(ms: number): void {
    if (used === POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    // 256 is a multiple of the alphabet's 32 characters: every character is equally likely. The first bit stays free to count into.
    for (let index = 0; index < RANDOM_CHARS; index += 1)
      digits[index] = pool.readUInt8(used++) & 31
    digits[0] = (digits[0] ?? 0) & 15
    // What does not change within the millisecond unless 32 ids carry over.
    prefix = timeText(ms) + textOf(digits, RANDOM_CHARS - 1)
    lastMs = ms
  }

  function countOn(): void {
    let index = RANDOM_CHARS - 1
    for (; digits[index] === 31; index -= 1) digits[index] = 0
    digits[index] = (digits[index] ?? 0) + 1
    if (index < RANDOM_CHARS - 1) prefix = timeText(lastMs) + textOf(digits, RANDOM_CHARS - 1)
  }

  return () => {
    const ms = now()
    if (ms === lastMs) countOn()
    else begin(ms)
    return prefix + ALPHABET.charAt(digits[RANDOM_CHARS - 1] ?? 0)
  }
}

function timeText(ms: number): string {
  let text = ''
  let rest = ms
  for (let index = 0; index < TIME_CHARS; index += 1) {
    text = ALPHABET.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

function textOf(digits: Uint8Array, count: number): string {
  let text = ''
  for (let index = 0; index < count; index += 1) text += ALPHABET.charAt(digits[index] ?? 0)
  return text
}
