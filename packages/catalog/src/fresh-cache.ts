// Remembers what the catalog said for a short while. Promises: nothing older than `maxAgeMs` is ever given out, and nothing
// that was read before a `forget` is given out after it, not even by a read that was still on its way.
import { LRUCache } from 'lru-cache'

/** A cache in front of one question to the catalog. */
export interface FreshCache<Value> {
  /** The answer for the key, at most `maxAgeMs` old. Callers that ask together share one read; a failed read is not kept. */
  get(key: string): Promise<Value>
  /** What get() would answer, when that is known without waiting; asks nobody. */
  now(key: string): Value | undefined
  forget(key: string): void
  forgetAll(): void
}

interface Entry<Value> {
  readonly readAt: number
  readonly value: Promise<Value>
  /** Once it is there. */
  settled: Value | undefined
}

/**
 * Makes a cache.
 * @param options.read asks the catalog. @param options.now Unix milliseconds.
 * @param options.maxAgeMs counted from the start of the read. @param options.entriesMax bound of the memory used.
 */
export function createFreshCache<Value>(options: {
  readonly read: (key: string) => Promise<Value>
  readonly now: () => number
  readonly maxAgeMs: number
  readonly entriesMax: number
}): FreshCache<Value> {
  const entries = new LRUCache<string, Entry<Value>>({ max: options.entriesMax })

  function isFresh(entry: Entry<Value>): boolean {
    const age = options.now() - entry.readAt
    // A clock set back makes ages negative: such an entry could live for hours.
    return age >= 0 && age < options.maxAgeMs
  }

  return {
    get(key) {
      const known = entries.get(key)
      if (known !== undefined && isFresh(known)) return known.value
      const entry: Entry<Value> = {
        readAt: options.now(),
        value: options.read(key),
        settled: undefined,
      }
      entries.set(key, entry)
      entry.value.then(
        (value) => {
          entry.settled = value
        },
        () => {
          if (entries.get(key) === entry) entries.delete(key)
        },
      )
      return entry.value
    },
    now(key) {
      const known = entries.get(key)
      return known !== undefined && isFresh(known) ? known.settled : undefined
    },
    forget: (key) => {
      entries.delete(key)
    },
    forgetAll: () => {
      entries.clear()
    },
  }
}
