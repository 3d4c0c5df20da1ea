import { fault } from '@sandpiper/faults'

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

export function createByteBudget(bytesMax: number): ByteBudget {
  let used = 0
  return {
    open() {
      let held = 0
      return {
        take(bytes) {
          if (used + bytes > bytesMax) {
            throw fault('server.busy', {
              public: 'Too many events are being received. Try again.',
              headers: { 'Retry-After': '1' },
            })
          }
          used += bytes
          held += bytes
        },
        close() {
          used -= held
          held = 0
        },
      }
    },
  }
}
