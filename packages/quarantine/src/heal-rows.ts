import type { DecodedRow, LineHealer } from '@sandpiper/rows'
import type { QuarantinedRow } from './read-page.ts'

/** Longest stretch of work between two turns of the loop, in milliseconds: other requests share it. */
const SLICE_MS = 4

/** Judges rows anew, in slices. */
export async function* healRows(
  rows: readonly QuarantinedRow[],
  healer: LineHealer,
): AsyncGenerator<{ readonly row: QuarantinedRow; readonly healed: DecodedRow }> {
  let began = performance.now()
  for (const row of rows) {
    yield { row, healed: healer.heal(row.raw, row.form) }
    if (performance.now() - began < SLICE_MS) continue
    await new Promise((resolve) => setImmediate(resolve))
    began = performance.now()
  }
}
