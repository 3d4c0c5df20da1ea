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

/**
 * The same bytes in pieces of 64 KiB, so that work on one of them stays short. Always cut at the same places: a stream gives what it has
 * when it is asked, and an import that is run again must make the same blocks.
 */
export async function* smallPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const piece of pieces) {
    let rest = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    while (heldBytes + rest.length >= BLOCK_BYTES) {
      const needed = BLOCK_BYTES - heldBytes
      yield Buffer.concat([...held, rest.subarray(0, needed)])
      held = []
      heldBytes = 0
      rest = rest.subarray(needed)
    }
    if (rest.length === 0) continue
    held.push(rest)
    heldBytes += rest.length
  }
  if (heldBytes > 0) yield Buffer.concat(held)
}
