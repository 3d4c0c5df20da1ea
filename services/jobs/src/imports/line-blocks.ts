// Bytes cut at line ends, a bounded number at a time, with what a line that is too long leaves of itself.

/** Whole lines, or the beginning of one that is too long. */
export interface LineBlock {
  readonly bytes: Buffer
  /** Where it stands among all bytes; `end` is exclusive. */
  readonly start: number
  readonly end: number
  /** Null for whole lines; else how many bytes the line has, of which `bytes` are the first. */
  readonly cutFrom: number | null
}

/** Longest line, in bytes: a character of the longest line the decoder takes has at most four. */
const LINE_BYTES_MAX = 4 * 1024 * 1024
/** What is kept of a longer one. */
const KEPT_BYTES = 64 * 1024
const BLOCK_BYTES = 64 * 1024

/** @param newLine code of the character that ends lines. */
export async function* lineBlocks(
  pieces: AsyncIterable<Buffer>,
  newLine: number,
): AsyncGenerator<LineBlock> {
  let held: Buffer[] = []
  let heldBytes = 0
  let offset = 0
  let long: { kept: Buffer; start: number } | null = null
  const take = (): Buffer => {
    const [only] = held
    const bytes = held.length === 1 && only !== undefined ? only : Buffer.concat(held)
    held = []
    heldBytes = 0
    return bytes
  }
  for await (const piece of pieces) {
    let rest = piece
    if (long !== null) {
      const end = rest.indexOf(newLine)
      if (end < 0) {
        offset += rest.length
        continue
      }
      offset += end + 1
      yield { bytes: long.kept, start: long.start, end: offset, cutFrom: offset - 1 - long.start }
      long = null
      rest = rest.subarray(end + 1)
    }
    const last = rest.lastIndexOf(newLine)
    if (last >= 0) {
      held.push(rest.subarray(0, last + 1))
      const bytes = take()
      yield { bytes, start: offset, end: offset + bytes.length, cutFrom: null }
      offset += bytes.length
      rest = rest.subarray(last + 1)
    }
    if (rest.length === 0) continue
    held.push(rest)
    heldBytes += rest.length
    if (heldBytes <= LINE_BYTES_MAX) continue
    const started = take()
    long = { kept: Buffer.from(started.subarray(0, KEPT_BYTES)), start: offset }
    offset += started.length
  }
  if (long !== null)
    yield { bytes: long.kept, start: long.start, end: offset, cutFrom: offset - long.start }
  const bytes = take()
  if (bytes.length > 0) yield { bytes, start: offset, end: offset + bytes.length, cutFrom: null }
}

/** Larger stretches than this are handed on in parts, so that work on one of them stays short. */
export async function* smallPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES)
      yield bytes.subarray(at, at + BLOCK_BYTES)
  }
}
