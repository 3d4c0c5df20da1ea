// Opens what is remembered of keys, in two steps: the index first, because the log must not give a sequence again that the index has
// seen; then, with the log, what the index lacks is read from there.
import { rename, rm } from 'node:fs/promises'
import type { EventLog, EventLogReader } from '@sandpiper/eventlog'
import type { Logger } from '@sandpiper/telemetry'
import { catchUp } from './catch-up.ts'
import { createIdempotentLog } from './create-idempotent-log.ts'
import type { IdempotentLog } from './idempotent-log.ts'
import { DamagedIndex } from './damaged-index.ts'
import type { KeyFiles } from './key-files.ts'
import { type KeyIndex, openKeyIndex } from './key-index.ts'
import { KEY_RETENTION, type KeyRetention } from './key-retention.ts'

/** Where keys are remembered and for how long. */
export interface IdempotencyOptions {
  /** Folder of the index; created (0700) when missing. One process at a time. */
  readonly dir: string
  /** Default 7 days, 10 million keys per workspace. */
  readonly retention?: KeyRetention
  readonly logger: Logger
  /** Unix milliseconds. */
  readonly now: () => number
  /** For tests. Default the disk at `dir`. */
  readonly files?: KeyFiles
  /** For tests. Milliseconds before a part of the log that cannot be read is tried again. Default 30,000. */
  readonly readAgainMs?: number
}

/** The index of keys, before the log is open. */
export interface KeyMemory {
  /** The log must give no sequence at or below: pass it as `sequenceAfter`. */
  readonly upTo: number
  /**
   * Reads from the log what the index lacks, one frame at a time, then takes claims.
   * While a part of the log cannot be read, keys that are not known from elsewhere are refused (503); it is read again every 30 s.
   * @param reader of the same log. It is not closed here, and reads on after its close.
   */
  follow(
    log: Pick<EventLog, 'append' | 'durable'>,
    reader: Pick<EventLogReader, 'heads'>,
  ): Promise<IdempotentLog>
}

/** Opens the index. One that cannot be used is put aside, and a new one begins with what the log still has. */
export async function openKeyMemory(options: IdempotencyOptions): Promise<KeyMemory> {
  const index = await openOrReplace(options)
  return {
    upTo: index.seenUpTo(),
    async follow(log, reader) {
      const { logger, readAgainMs } = options
      const again = readAgainMs === undefined ? {} : { readAgainMs }
      const caughtUp = await catchUp({ index, log, reader, logger, ...again })
      return createIdempotentLog({ index, log, logger, caughtUp })
    },
  }
}

async function openOrReplace(options: IdempotencyOptions): Promise<KeyIndex> {
  const { dir, now, logger, files } = options
  const retention = options.retention ?? KEY_RETENTION
  const onDamage = (reason: string): void => {
    logger.error({ reason }, 'a journal of idempotency keys is put aside: the log is searched')
  }
  const index = { dir, retention, now, onDamage, ...(files === undefined ? {} : { files }) }
  try {
    return await openKeyIndex(index)
  } catch (error) {
    if (!(error instanceof DamagedIndex)) throw error
    const aside = `${dir}.damaged`
    logger.error(
      { reason: error.message, aside },
      'the index of idempotency keys is put aside: a new one begins',
    )
    await rm(aside, { recursive: true, force: true })
    await rename(dir, aside)
    return openKeyIndex(index)
  }
}
