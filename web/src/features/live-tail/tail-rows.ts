// What a live tail shows: the newest rows, each with the text that a search looks through. Bounded, however long it runs.
import type { TailBatch, TailedRow } from '@sandpiper/contracts'

export const SHOWN_MAX = 500

export interface LiveRow {
  id: number
  at: string
  /** The row, or the line as it came, as one text. */
  text: string
  isRefused: boolean
  /** Why, one for each column at fault. */
  reasons: string[]
}

export interface TailState {
  /** Newest first. */
  rows: LiveRow[]
  accepted: number
  refused: number
  /** Rows that came and are not shown: more than a tail sends. */
  dropped: number
  next: number
}

export const EMPTY_TAIL: TailState = { rows: [], accepted: 0, refused: 0, dropped: 0, next: 0 }

export function withBatch(state: TailState, batch: TailBatch): TailState {
  const rows = batch.rows.map((row, at) => liveRow(row, state.next + at)).reverse()
  return {
    rows: [...rows, ...state.rows].slice(0, SHOWN_MAX),
    accepted: state.accepted + batch.accepted,
    refused: state.refused + batch.refused,
    dropped: state.dropped + batch.dropped,
    next: state.next + batch.rows.length,
  }
}

export function found(rows: readonly LiveRow[], find: string): LiveRow[] {
  const wanted = find.toLowerCase()
  return rows.filter(
    ({ text, reasons }) =>
      text.toLowerCase().includes(wanted) ||
      reasons.some((reason) => reason.toLowerCase().includes(wanted)),
  )
}

function liveRow({ at, row, refused, cut }: TailedRow, id: number): LiveRow {
  if (refused === undefined)
    return { id, at, text: cut ?? JSON.stringify(row), isRefused: false, reasons: [] }
  const { c__raw: raw, c__error: error } = refused
  const reasons = Array.isArray(error) ? error.map(String) : [String(error)]
  const text = typeof raw === 'string' && raw !== '' ? raw : JSON.stringify(refused)
  return { id, at, text, isRefused: true, reasons }
}
