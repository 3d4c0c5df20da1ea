// What was sent and what was said about it, per data source.
import type { Fate, SentRequest } from './checker.ts'

export interface Ledger {
  /** Notes a request before its first byte is sent. */
  sent(source: string, request: Omit<SentRequest, 'fate'>): LedgerEntry
  /** All requests to a data source; those without an answer are unknown. */
  of(source: string): readonly SentRequest[]
  events(fate: Fate): number
}

export interface LedgerEntry {
  readonly source: string
  /** Counts over the whole ledger, from 1. */
  readonly id: number
  readonly events: number
  fate(): Fate
  settle(fate: Fate, answered?: SentRequest['answered']): void
  /** It never reached the product: the same events may be sent again. */
  withdraw(): void
}

export function createLedger(): Ledger {
  const requests = new Map<string, Set<{ request: SentRequest }>>()
  let ids = 0
  return {
    sent(source, about) {
      const kept: { request: SentRequest } = { request: { ...about, fate: 'unknown' } }
      const known = requests.get(source)
      if (known === undefined) requests.set(source, new Set([kept]))
      else known.add(kept)
      ids += 1
      return {
        source,
        id: ids,
        events: about.count,
        fate: () => kept.request.fate,
        settle(fate, answered) {
          kept.request = { ...about, fate, ...(answered && { answered }) }
        },
        withdraw: () => requests.get(source)?.delete(kept),
      }
    },
    of: (source) => [...(requests.get(source) ?? [])].map(({ request }) => request),
    events: (fate) =>
      [...requests.values()]
        .flatMap((each) => [...each])
        .filter(({ request }) => request.fate === fate)
        .reduce((sum, { request }) => sum + request.count, 0),
  }
}
