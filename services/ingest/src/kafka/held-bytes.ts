// Bytes of records that all readers hold. Who finds no room stops fetching, and is told when there is room again.

export interface HeldBytes {
  add(bytes: number): void
  release(bytes: number): void
  isFull(): boolean
  /** Calls once, when half of it is free. */
  whenFree(listener: () => void): void
}

/** @param counters told of the bytes that are held. */
export function createHeldBytes(bytesMax: number, counters: { heldBytes: number }): HeldBytes {
  let waiting: (() => void)[] = []
  return {
    add(bytes) {
      counters.heldBytes += bytes
    },
    release(bytes) {
      counters.heldBytes -= bytes
      if (waiting.length === 0 || counters.heldBytes > bytesMax / 2) return
      const listeners = waiting
      waiting = []
      for (const listener of listeners) listener()
    },
    isFull: () => counters.heldBytes > bytesMax,
    whenFree(listener) {
      waiting.push(listener)
    },
  }
}
