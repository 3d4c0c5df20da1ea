// Rows that passed our own validation and that the engine refuses become lines of the quarantine table, with the engine's message.
import type { Column } from '@sandpiper/datafile'
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
