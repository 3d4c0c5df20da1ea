// Appends under keys where several processes append to one log. A process knows the keys it appended itself, and asks the store for those
// that the writer has met; of what another process appended a moment ago it knows nothing, and appends again: the writer leaves that out.
import type { EventLog } from '@sandpiper/eventlog'
import type { Logger } from '@sandpiper/telemetry'
import { LRUCache } from 'lru-cache'
import { createIdempotentLog, type UsedIndex } from './create-idempotent-log.ts'
import type { IdempotentLog } from './idempotent-log.ts'
import { HEX_DIGITS } from './key-id.ts'
import type { KeyEntry } from './key-record.ts'

/** What the writer noted of keys. */
export interface SharedKeyStore {
  /** The first frame of a key, or null. Both are 32 hexadecimal digits. */
  find(workspace: string, keyHash: string): Promise<Omit<KeyEntry, 'id'> | null>
}

/** Keys of this process that are kept; about 300 bytes each. */
const OWN_MAX = 200_000

/** Opens it; nothing is read. @param deps.ageMsMax a key is free again so long after its first frame. */
export function openSharedKeys(deps: {
  readonly log: Pick<EventLog, 'append' | 'durable'>
  readonly store: SharedKeyStore
  readonly ageMsMax: number
  /** Unix milliseconds. */
  readonly now: () => number
  readonly logger: Logger
}): IdempotentLog {
  const { log, logger } = deps
  const index = lookedUp(deps)
  const caughtUp = { unread: null, lostFrames: 0, close: () => Promise.resolve() }
  return createIdempotentLog({ index, log, logger, caughtUp })
}

function lookedUp({ store, ageMsMax, now }: Parameters<typeof openSharedKeys>[0]): UsedIndex {
  const own = new LRUCache<string, KeyEntry>({ max: OWN_MAX })
  const remembered = (entry: KeyEntry | null): KeyEntry | null =>
    entry === null || entry.arrivedAtMs < now() - ageMsMax ? null : entry
  return {
    counters: { forgottenEarly: 0, expired: 0, failedFlushes: 0, failedReads: 0 },
    find(id) {
      const known = own.get(id)
      if (known !== undefined) return remembered(known)
      return store
        .find(id.slice(0, HEX_DIGITS), id.slice(HEX_DIGITS))
        .then((found) => remembered(found === null ? null : { ...found, id }))
    },
    add(entry) {
      own.set(entry.id, entry)
    },
    isFull: () => false,
    pendingCount: () => 0,
    // Nothing of the log is needed to know keys again.
    upTo: () => Number.MAX_SAFE_INTEGER - 1,
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}
