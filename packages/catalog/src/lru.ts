/** A map of bounded size that forgets what was used longest ago. */
export interface Lru<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
  clear(): void
}

/** Makes an empty Lru. @param entriesMax at least 1. */
export function createLru<Value>(entriesMax: number): Lru<Value> {
  // A Map remembers the order of insertion: the first key is the one to forget.
  const entries = new Map<string, Value>()
  // Most questions are for what was asked for last: that one is at its place already.
  let newest: string | null = null
  return {
    get(key) {
      const value = entries.get(key)
      if (value === undefined || key === newest) return value
      entries.delete(key)
      entries.set(key, value)
      newest = key
      return value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      newest = key
      if (entries.size <= entriesMax) return
      for (const oldest of entries.keys()) {
        entries.delete(oldest)
        return
      }
    },
    delete: (key) => {
      if (key === newest) newest = null
      entries.delete(key)
    },
    clear: () => {
      newest = null
      entries.clear()
    },
  }
}
