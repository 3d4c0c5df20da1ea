// What makes two requests the same: a hash over everything that decides what is stored.
import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Hashing this much takes a few milliseconds. */
const SLICE_BYTES = 4 * 1024 * 1024

/**
 * A hash of 32 hexadecimal digits (128 bits of SHA-256) over the parts and their borders: `['a', 'bc']` and `['ab', 'c']` differ. A part
 * may come in pieces, whose borders do not count. Large parts are hashed in slices with a turn of the loop between them.
 */
export async function bodyHash(
  parts: readonly (string | Buffer | readonly Buffer[])[],
): Promise<string> {
  const hash = createHash('sha256')
  let sinceTurn = 0
  for (const part of parts) {
    const pieces = piecesOf(part)
    hash.update(`${pieces.reduce((sum, piece) => sum + piece.length, 0)}:`)
    for (const slice of slicesOf(pieces)) {
      if (sinceTurn + slice.length > SLICE_BYTES) {
        await nextTurn()
        sinceTurn = 0
      }
      hash.update(slice)
      sinceTurn += slice.length
    }
  }
  return hash.digest('hex').slice(0, 32)
}

function piecesOf(part: string | Buffer | readonly Buffer[]): readonly Buffer[] {
  if (typeof part === 'string') return [Buffer.from(part, 'utf8')]
  return Buffer.isBuffer(part) ? [part] : part
}

function* slicesOf(pieces: readonly Buffer[]): Generator<Buffer> {
  for (const piece of pieces)
    for (let at = 0; at < piece.length; at += SLICE_BYTES)
      yield piece.subarray(at, at + SLICE_BYTES)
}
