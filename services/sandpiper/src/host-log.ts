// The event log and what is remembered of idempotency keys: both stand on each other, so they are opened together.
import type { Catalog } from '@sandpiper/catalog'
import { type EventLog, openEventLog, openLogReader } from '@sandpiper/eventlog'
import { type IdempotentLog, openKeyMemory } from '@sandpiper/idempotency'
import type { Logger } from '@sandpiper/telemetry'
import type { DataDirectory } from './data-directory.ts'
import { lastKnownSequence } from './last-known-sequence.ts'

/** @returns the log, and appends under keys to it. Close the keys first. */
export async function hostLog(deps: {
  readonly data: Pick<DataDirectory, 'log' | 'keys' | 'sockets'>
  readonly catalog: Pick<Catalog, 'writerState'>
  readonly logger: Logger
}): Promise<{ log: EventLog; keys: IdempotentLog }> {
  const { data, catalog, logger } = deps
  const memory = await openKeyMemory({ dir: data.keys, logger, now: Date.now })
  const log = await openEventLog({
    dir: data.log,
    socketPath: data.sockets.link,
    sequenceAfter: Math.max(lastKnownSequence(await catalog.writerState()), memory.upTo),
    onDamage: (damage) => {
      logger.error({ damage }, 'the event log is damaged')
    },
  })
  const reader = openLogReader({
    dir: data.log,
    onDamage: (damage) => {
      logger.warn({ damage }, 'a part of the event log cannot be searched for idempotency keys')
    },
  })
  const keys = await memory.follow(log, reader)
  await reader.close()
  return { log, keys }
}
