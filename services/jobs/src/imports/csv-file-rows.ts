import { createCsvReader, type CsvDialect, type CsvRecord, type CsvRows } from '@sandpiper/rows'

import type { LineBlock } from './line-blocks.ts'
import {
  ROWS_AT_ONCE,
  strictUtf8,
  withoutBom,
  type RowBlock,
  type RowSource,
} from './row-source.ts'

/** Records of CSV. @param rows the judge by now. */
export async function* csvFileRows(
  blocks: AsyncIterable<LineBlock>,
  dialect: CsvDialect,
  rows: () => CsvRows,
): RowSource & AsyncGenerator<RowBlock> {
  const utf8 = strictUtf8()
  const reader = createCsvReader(dialect)
  let isFirst = true
  let end = 0
  const emptyBefore = (): (() => number) => {
    const before = reader.emptyLines()
    return () => reader.emptyLines() - before
  }
  for await (const block of blocks) {
    const bytes = isFirst ? withoutBom(block.bytes) : block.bytes
    isFirst = false
    end = block.end
    const emptyLines = emptyBefore()
    if (block.cutFrom !== null) {
      const problem = `not taken: a line of ${block.cutFrom} bytes; its first ${bytes.length} are kept`
      yield {
        rows: [[rows().decode({ fields: null, problem, raw: bytes.toString('utf8') })]],
        emptyLines,
        end,
      }
      continue
    }
    // Bytes that are no UTF-8 become U+FFFD, and records that hold one are refused.
    const records = reader.push(utf8(bytes) ?? bytes.toString('utf8'))
    yield { rows: decoded(records, rows()), emptyLines, end }
  }
  const emptyLines = emptyBefore()
  yield { rows: decoded(reader.end(), rows()), emptyLines, end }
}

function* decoded(records: readonly CsvRecord[], rows: CsvRows) {
  for (let at = 0; at < records.length; at += ROWS_AT_ONCE)
    yield records.slice(at, at + ROWS_AT_ONCE).map((record) => rows.decode(record))
}
