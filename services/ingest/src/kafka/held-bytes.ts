// Bytes of records that all readers hold. Who finds no room stops fetching, and is told when there is room again.

export interface HeldBytes {
  add(bytes: number): void
  release(bytes: number): void
  isFull(): boolean
  /** Calls once, when half of it is free, however often it was given before. */
  whenFree(listener: () => void): void
}

/** @param counters told of the bytes that are held. */
export function createHeldBytes(bytesMax: number, counters: { heldBytes: number }): HeldBytes {
  const waiting = new Set<() => void>()
  return {
    add(bytes) {
      counters.heldBytes += bytes
    },
    release(bytes) {
      counters.heldBytes -= bytes
      if (waiting.size === 0 || counters.heldBytes > bytesMax / 2) return
      // One after the other, from a copy: a listener may wait again, and one that throws takes nobody else's turn for good.
      for (const listener of [...waiting]) {
        waiting.delete(listener)
        listener()
      }
    },
    isFull: () => counters.heldBytes > bytesMax,
    whenFree(listener) {
      waiting.add(listener)
    },
  }
}
