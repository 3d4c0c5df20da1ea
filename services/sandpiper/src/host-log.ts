// The event log, what is remembered of idempotency keys and how far streams were read: they stand on each other, so they are opened together.
import type { Catalog } from '@sandpiper/catalog'
import {
  type EventLog,
  type EventLogReader,
  type LogDamage,
  openEventLog,
  openLogReader,
  type LogKeeping,
} from '@sandpiper/eventlog'
import {
  type IdempotentLog,
  type KeyRetention,
  openKeyMemory,
  openPositionMemory,
  type StreamPositions,
} from '@sandpiper/idempotency'
import type { Logger } from '@sandpiper/telemetry'
import type { DataDirectory } from './data-directory.ts'
import { lastKnownSequence } from './last-known-sequence.ts'

/** @returns the log, and appends under keys and with positions to it. Close these first. */
export async function hostLog(deps: {
  readonly data: Pick<DataDirectory, 'log' | 'keys' | 'positions' | 'sockets'>
  readonly catalog: Pick<Catalog, 'writerState'>
  readonly logger: Logger
  readonly keeping: LogKeeping
  readonly keyRetention: KeyRetention
  /** Seconds of each sync. */
  readonly onSync?: (seconds: number) => void
  /** Each damaged stretch, by its reason. */
  readonly onDamage?: (reason: LogDamage['reason']) => void
}): Promise<{ log: EventLog; keys: IdempotentLog; positions: StreamPositions }> {
  const { data, catalog, logger } = deps
  let keys: IdempotentLog | null = null
  let positions: StreamPositions | null = null
  const memory = await openKeyMemory({
    dir: data.keys,
    retention: deps.keyRetention,
    logger,
    now: Date.now,
  })
  const positionMemory = await openPositionMemory({ dir: data.positions, logger })
  const log = await openEventLog({
    dir: data.log,
    socketPath: data.sockets.link,
    sequenceAfter: Math.max(
      lastKnownSequence(await catalog.writerState()),
      ...[memory.upTo, positionMemory.upTo],
    ),
    // Keys and positions that are not in their files yet are read from the log at the next start.
    keepFrom: () => Math.min(keys?.keepFrom() ?? 0, positions?.keepFrom() ?? 0),
    keeping: deps.keeping,
    ...(deps.onSync === undefined ? {} : { onSync: deps.onSync }),
    onDamage: (damage) => {
      deps.onDamage?.(damage.reason)
      logger.error({ damage }, 'the event log is damaged')
    },
  })
  const reader = (what: string): EventLogReader =>
    openLogReader({
      dir: data.log,
      onDamage: (damage) => {
        logger.warn({ damage }, `a part of the event log cannot be searched for ${what}`)
      },
    })
  positions = positionMemory.follow(log, reader('stream positions'))
  const keyReader = reader('idempotency keys')
  keys = await memory.follow(log, keyReader)
  await keyReader.close()
  return { log, keys, positions }
}
