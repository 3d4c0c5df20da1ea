// The rows of a result, as the engine wrote them: one object per line, keyed by column name whatever JSONPaths the target has.
import type { Column } from '@sandpiper/datafile'
import { compileSchema, type RowDecoder, type RowError } from '@sandpiper/rows'

import { lineBlocks, smallPieces } from '../imports/line-blocks.ts'
import { ndjsonRows } from '../imports/ndjson-rows.ts'
import type { OpenRows } from '../imports/open-rows.ts'
import { unpackedBytes } from '../imports/unpacked-bytes.ts'

/** Opens a spooled result. @param bytesMax more than it has. */
export function openCopiedRows(path: string, bytesMax: number, signal: AbortSignal): OpenRows {
  const limits = { unpackedBytesMax: bytesMax, unpackRatioMax: 1 }
  const pieces = smallPieces(unpackedBytes(path, limits, signal))
  let decoder: RowDecoder | null = null
  const rows = ndjsonRows(lineBlocks(pieces, 10), () => {
    if (decoder === null) throw new Error('rows are taken before columns were given')
    return decoder
  })
  return {
    ...{ rows, format: 'ndjson' },
    judgeBy(columns) {
      decoder = copiedRowDecoder(columns)
    },
  }
}

/** Judges as events are judged, but takes what a result may hold and JSON has no number for: NaN and the infinities. */
export function copiedRowDecoder(columns: readonly Column[]): RowDecoder {
  const decoder = compileSchema(columns.map((each) => ({ ...each, jsonPath: null })))
  const floats = new Set(columns.filter(isFloat).map((each) => each.name))
  const isSpecial = ({ column, message }: RowError): boolean =>
    floats.has(column) && /^value '-?(nan|inf)' on column /.test(message)
  return {
    decode(text, start, end) {
      const row = decoder.decode(text, start, end)
      if (row.kind === 'row' || !row.errors.every(isSpecial)) return row
      return { kind: 'row', json: text.slice(start, end), isLine: true }
    },
    refuse: (line, message, kept) => decoder.refuse(line, message, kept),
  }
}

function isFloat({ type }: Column): boolean {
  return /^(SimpleAggregateFunction\(\w+, )?(LowCardinality\(|Nullable\()*B?Float\d\d\)*$/.test(
    type,
  )
}
