// Rows that passed our own validation and that the engine refuses become lines of the quarantine table, with the engine's message.
import type { Column } from '@sandpiper/datafile'
import type { FrameRef } from '@sandpiper/eventlog'
import { compileSchema } from '@sandpiper/rows'
import type { RefusedLine } from './bisect.ts'

/** NDJSON for the quarantine table; empty for no lines. The row stands in `c__raw` as it stood in the log. */
export function quarantineLines(
  columns: readonly Column[],
  refused: readonly RefusedLine[],
): Buffer {
  if (refused.length === 0) return Buffer.alloc(0)
  // The row stood in the log keyed by column name: that is what is kept, and marked as such.
  const decoder = compileSchema(columns.map((column) => ({ ...column, jsonPath: null })))
  const rows = refused.map(({ line, message }) =>
    decoder.refuse(line.toString('utf8').trimEnd(), message),
  )
  return Buffer.from(rows.map(({ json }) => `${json}\n`).join(''))
}

/** Makes the line that tells of a frame whose rows the disk has lost: the same for the same frame, in every try. */
export function damagedLine(columns: readonly Column[]): (ref: FrameRef) => Buffer {
  return ({ sequence, rowCount, refusedCount }) => {
    const lost = rowCount + refusedCount
    const text = `Bytes of the event log were damaged on the disk: ${lost} rows that were acknowledged together are lost (frame ${sequence}).`
    const { json } = compileSchema(columns).refuse('', text, 'partial')
    return Buffer.from(`${json}\n`)
  }
}
