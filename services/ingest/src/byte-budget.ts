import { fault } from '@sandpiper/faults'
import type { IngestCounters } from './ingest-counters.ts'

/** Bytes that all requests share. */
export interface ByteBudget {
  /** A part of the budget that grows with one request. */
  open(): ByteShare
}

export interface ByteShare {
  /** @throws fault `server.busy` (503) when the budget is used up; what this share holds stays held. */
  take(bytes: number): void
  /** Gives everything back. Idempotent. */
  close(): void
}

/** @param counters told of the bytes that are held. */
export function createByteBudget(
  bytesMax: number,
  counters: Pick<IngestCounters, 'inFlightBytes'>,
): ByteBudget {
  return { open: () => new Share(bytesMax, counters) }
}

/** A class, because one is made for every request. */
class Share implements ByteShare {
  private readonly bytesMax: number
  private readonly counters: Pick<IngestCounters, 'inFlightBytes'>
  private held = 0

  constructor(bytesMax: number, counters: Pick<IngestCounters, 'inFlightBytes'>) {
    this.bytesMax = bytesMax
    this.counters = counters
  }

  take(bytes: number): void {
    if (this.counters.inFlightBytes + bytes > this.bytesMax) {
      throw fault('server.busy', {
        public: 'Too many events are being received. Try again.',
        headers: { 'Retry-After': '1' },
      })
    }
    this.counters.inFlightBytes += bytes
    this.held += bytes
  }

  close(): void {
    this.counters.inFlightBytes -= this.held
    this.held = 0
  }
}
