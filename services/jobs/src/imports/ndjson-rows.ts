import type { DecodedRow, RowDecoder } from '@sandpiper/rows'

import type { LineBlock } from './line-blocks.ts'
import {
  ROWS_AT_ONCE,
  strictUtf8,
  withoutBom,
  type RowBlock,
  type RowSource,
} from './row-source.ts'

const NEWLINE = 10
/** Characters of a line with broken bytes that are kept. */
const KEPT_BYTES = 64 * 1024

/** Lines of JSON. @param decoder the one to judge by now. */
export async function* ndjsonRows(
  blocks: AsyncIterable<LineBlock>,
  decoder: () => RowDecoder,
): RowSource & AsyncGenerator<RowBlock> {
  const utf8 = strictUtf8()
  let isFirst = true
  for await (const block of blocks) {
    const bytes = isFirst ? withoutBom(block.bytes) : block.bytes
    isFirst = false
    let empty = 0
    const onEmpty = (): void => {
      empty += 1
    }
    const rows =
      block.cutFrom === null
        ? rowsOf(bytes, utf8, decoder(), onEmpty)
        : [[tooLong(bytes, block.cutFrom, decoder())]]
    yield { rows, emptyLines: () => empty, end: block.end }
  }
}

function* rowsOf(
  bytes: Buffer,
  utf8: (bytes: Buffer) => string | null,
  decoder: RowDecoder,
  onEmpty: () => void,
): Generator<DecodedRow[]> {
  const text = utf8(bytes)
  if (text !== null) {
    yield* linesOf(text, decoder, onEmpty)
    return
  }
  // Only the lines that hold the broken bytes are refused.
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start)
    const end = newline < 0 ? bytes.length : newline
    const line = bytes.subarray(start, end)
    const sound = utf8(line)
    if (sound === null)
      yield [
        decoder.refuse(line.subarray(0, KEPT_BYTES).toString('utf8'), 'not valid UTF-8', 'partial'),
      ]
    else yield* linesOf(sound, decoder, onEmpty)
    start = end + 1
  }
}

function* linesOf(text: string, decoder: RowDecoder, onEmpty: () => void): Generator<DecodedRow[]> {
  let rows: DecodedRow[] = []
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    const stop = text.charCodeAt(end - 1) === 13 ? end - 1 : end
    if (
      /\S/.test(text.slice(start, Math.min(stop, start + 64))) ||
      text.slice(start, stop).trim() !== ''
    )
      rows.push(decoder.decode(text, start, stop))
    else onEmpty()
    start = end + 1
    if (rows.length < ROWS_AT_ONCE) continue
    yield rows
    rows = []
  }
  if (rows.length > 0) yield rows
}

function tooLong(kept: Buffer, length: number, decoder: RowDecoder): DecodedRow {
  const text = kept.toString('utf8')
  const message = `not taken: a line of ${length} bytes; its first ${kept.length} are kept`
  return decoder.refuse(text, message, 'partial')
}
