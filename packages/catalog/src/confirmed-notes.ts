// What a confirmation tells the other processes, in the same transaction: which data sources are loaded how far. Only a help: whoever
// waits also looks at the progress itself.
import type { Confirmation } from './records.ts'
import { partitionOf, type WriterPlace } from './writer-place.ts'

/** Postgres carries at most 8,000 bytes in one note. */
const NOTE_CHARS_MAX = 7_000

export const CONFIRMED_CHANNEL = 'sandpiper_confirmed'

/** In a note: the partition, from where it is read, and data sources with how far they are loaded and 1 when a view failed. */
export interface ConfirmedNote {
  readonly p: number
  readonly r: number
  readonly d: readonly (readonly [dataSourceId: string, upTo: number, failed: 0 | 1])[]
}

/** The end of the statement that confirms, one row when the writer owns its partition, and its values; the first is `$first`. */
export function confirmedNotes(
  place: WriterPlace,
  confirmations: readonly Confirmation[],
  first: number,
): { readonly select: string; readonly values: unknown[] } {
  if (place.turns === undefined) return { select: 'SELECT 1 FROM owned', values: [] }
  const r = Math.max(...confirmations.map((each) => each.readFrom))
  const texts: string[] = []
  let d: ConfirmedNote['d'][number][] = []
  const flush = (): void => {
    const note: ConfirmedNote = { p: partitionOf(place), r, d }
    texts.push(JSON.stringify(note))
    d = []
  }
  for (const { dataSourceId, toSequence, missing } of confirmations) {
    d.push([dataSourceId, toSequence, (missing ?? []).length > 0 ? 1 : 0])
    if (JSON.stringify(d).length > NOTE_CHARS_MAX) flush()
  }
  if (d.length > 0) flush()
  return {
    select: `SELECT pg_notify('${CONFIRMED_CHANNEL}', text) FROM owned, unnest($${first}::text[]) AS text`,
    values: [texts],
  }
}
