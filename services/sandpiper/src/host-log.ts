// The event log and what is remembered of idempotency keys: both stand on each other, so they are opened together.
import type { Catalog } from '@sandpiper/catalog'
import {
  type EventLog,
  type LogDamage,
  openEventLog,
  openLogReader,
  type LogKeeping,
} from '@sandpiper/eventlog'
import { type IdempotentLog, type KeyRetention, openKeyMemory } from '@sandpiper/idempotency'
import type { Logger } from '@sandpiper/telemetry'
import type { DataDirectory } from './data-directory.ts'
import { lastKnownSequence } from './last-known-sequence.ts'

/** @returns the log, and appends under keys to it. Close the keys first. */
export async function hostLog(deps: {
  readonly data: Pick<DataDirectory, 'log' | 'keys' | 'sockets'>
  readonly catalog: Pick<Catalog, 'writerState'>
  readonly logger: Logger
  readonly keeping: LogKeeping
  readonly keyRetention: KeyRetention
  /** Seconds of each sync. */
  readonly onSync?: (seconds: number) => void
  /** Each damaged stretch, by its reason. */
  readonly onDamage?: (reason: LogDamage['reason']) => void
}): Promise<{ log: EventLog; keys: IdempotentLog }> {
  const { data, catalog, logger } = deps
  let keys: IdempotentLog | null = null
  const memory = await openKeyMemory({
    dir: data.keys,
    retention: deps.keyRetention,
    logger,
    now: Date.now,
  })
  const log = await openEventLog({
    dir: data.log,
    socketPath: data.sockets.link,
    sequenceAfter: Math.max(lastKnownSequence(await catalog.writerState()), memory.upTo),
    // Keys that are not in the index yet are read from the log at the next start.
    keepFrom: () => keys?.keepFrom() ?? 0,
    keeping: deps.keeping,
    ...(deps.onSync === undefined ? {} : { onSync: deps.onSync }),
    onDamage: (damage) => {
      deps.onDamage?.(damage.reason)
      logger.error({ damage }, 'the event log is damaged')
    },
  })
  const reader = openLogReader({
    dir: data.log,
    onDamage: (damage) => {
      logger.warn({ damage }, 'a part of the event log cannot be searched for idempotency keys')
    },
  })
  keys = await memory.follow(log, reader)
  await reader.close()
  return { log, keys }
}
