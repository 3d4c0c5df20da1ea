// What was sent and what was said about it, per data source.
import type { Fate, SentRequest } from './checker.ts'

export interface Ledger {
  /** Notes a request before its first byte is sent; unknown until it is settled. */
  sent(source: string, request: Omit<SentRequest, 'fate'>): LedgerEntry
  /** All requests to a data source. */
  of(source: string): readonly SentRequest[]
  /** Events of all requests with a fate. */
  events(fate: Fate): number
  /** The same requests with other fates; what is added to the copy is not in the original. */
  copy(fateOf: (entry: LedgerEntry) => Fate): Ledger
}

export interface LedgerEntry {
  /** Counts over the whole ledger, from 1. */
  readonly id: number
  fate(): Fate
  settle(fate: Fate, answered?: SentRequest['answered']): void
  /** It never reached the product: the same events may be sent again. */
  withdraw(): void
}

export function createLedger(): Ledger {
  const entries = new Set<{ source: string; request: SentRequest; entry: LedgerEntry }>()
  let ids = 0

  const ledger: Ledger = {
    sent(source, about) {
      const id = (ids += 1)
      const entry: LedgerEntry = {
        id,
        fate: () => kept.request.fate,
        settle(fate, answered) {
          kept.request = { ...about, fate, ...(answered && { answered }) }
        },
        withdraw: () => void entries.delete(kept),
      }
      const kept = { source, request: { ...about, fate: 'unknown' } as SentRequest, entry }
      entries.add(kept)
      return entry
    },
    of: (source) =>
      [...entries].filter((each) => each.source === source).map(({ request }) => request),
    events: (fate) =>
      [...entries]
        .filter(({ request }) => request.fate === fate)
        .reduce((sum, { request }) => sum + request.count, 0),
    copy(fateOf) {
      const copy = createLedger()
      for (const { source, request, entry } of entries)
        copy.sent(source, request).settle(fateOf(entry))
      return copy
    },
  }
  return ledger
}
