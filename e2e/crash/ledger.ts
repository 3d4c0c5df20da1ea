// What was sent and what was said about it, per data source.
import type { Fate, SentRequest } from './checker.ts'
import type { BodyShape } from './events.ts'

export interface Ledger {
  /** Notes a request before its first byte is sent; unknown until it is settled. */
  sent(source: string, request: Omit<SentRequest, 'fate'>, keyed?: KeyedRequest): LedgerEntry
  /** All requests to a data source. */
  of(source: string): readonly SentRequest[]
  /** Events of all requests with a fate. */
  events(fate: Fate): number
  /** How many requests were noted: the id of the last. */
  requests(): number
  /** Those that carried an Idempotency-Key. */
  keyed(): readonly KeyedRequest[]
  /** The same requests with other fates; what is added to the copy is not in the original. */
  copy(fateOf: (entry: LedgerEntry) => Fate): Ledger
}

/** What it takes to send a request once more. */
export interface KeyedRequest {
  readonly source: string
  readonly key: string
  readonly shape: BodyShape
}

export interface LedgerEntry {
  /** Counts over the whole ledger, from 1. */
  readonly id: number
  fate(): Fate
  settle(fate: Fate, answered?: SentRequest['answered']): void
  /** It never reached the product: the same events may be sent again. */
  withdraw(): void
}

interface Kept {
  readonly source: string
  request: SentRequest
  readonly entry: LedgerEntry
  readonly keyed: KeyedRequest | undefined
}

export function createLedger(): Ledger {
  const entries = new Set<Kept>()
  let ids = 0

  const ledger: Ledger = {
    sent(source, about, keyed) {
      const id = (ids += 1)
      const entry: LedgerEntry = {
        id,
        fate: () => kept.request.fate,
        settle(fate, answered) {
          kept.request = { ...about, fate, ...(answered && { answered }) }
        },
        withdraw: () => void entries.delete(kept),
      }
      const kept: Kept = { source, request: { ...about, fate: 'unknown' }, entry, keyed }
      entries.add(kept)
      return entry
    },
    of: (source) =>
      [...entries].filter((each) => each.source === source).map(({ request }) => request),
    events: (fate) =>
      [...entries]
        .filter(({ request }) => request.fate === fate)
        .reduce((sum, { request }) => sum + request.count, 0),
    requests: () => ids,
    keyed: () => [...entries].flatMap(({ keyed }) => (keyed === undefined ? [] : [keyed])),
    copy(fateOf) {
      const copy = createLedger()
      for (const { source, request, entry, keyed } of entries)
        copy.sent(source, request, keyed).settle(fateOf(entry))
      return copy
    },
  }
  return ledger
}
