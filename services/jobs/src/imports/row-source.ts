// Rows of a file, block by block, whatever its format: each block is a few kilobytes of the file and yields its rows lazily, so that
// the one who takes them decides when to pause.
import type { DecodedRow } from '@sandpiper/rows'

/** A stretch of the file. */
export interface RowBlock {
  /** A few rows at a time; null for a line that is none (a header). Taken to its end before the next block. */
  readonly rows: Iterable<readonly (DecodedRow | null)[]>
  /** Blank lines among them, known when the rows were taken. */
  emptyLines(): number
  /** End of the stretch among all bytes. */
  readonly end: number
}

/** A file's rows in order. */
export type RowSource = AsyncIterable<RowBlock>

/** Rows handed over at once: less than a millisecond of work. */
export const ROWS_AT_ONCE = 32

/** A decoder of UTF-8 that tells bytes that are none. */
export function strictUtf8(): (bytes: Buffer) => string | null {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  return (bytes) => {
    try {
      return utf8.decode(bytes)
    } catch {
      return null
    }
  }
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** Bytes without the mark that some programs put at the start of a text. */
export function withoutBom(bytes: Buffer): Buffer {
  return bytes.subarray(0, BOM.length).equals(BOM) ? bytes.subarray(BOM.length) : bytes
}
