// Opens what is remembered of keys, in two steps: the index first, because the log must not give a sequence again that the index has
// seen; then, with the log, what the index lacks is read from there.
import { rename, rm } from 'node:fs/promises'
import type { EventLog, EventLogReader } from '@sandpiper/eventlog'
import type { Logger } from '@sandpiper/telemetry'
import { createIdempotentLog } from './create-idempotent-log.ts'
import type { IdempotentLog } from './idempotent-log.ts'
import { DamagedIndex } from './damaged-index.ts'
import type { KeyFiles } from './key-files.ts'
import { type KeyIndex, openKeyIndex } from './key-index.ts'
import { KEY_RETENTION, type KeyRetention } from './key-retention.ts'
import { idOf, readFrameHash } from './key-id.ts'

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
}

/** The index of keys, before the log is open. */
export interface KeyMemory {
  /** The log must give no sequence at or below: pass it as `sequenceAfter`. */
  readonly upTo: number
  /**
   * Reads from the log what the index lacks, one frame at a time, then takes claims.
   * @param reader of the same log. It is not closed here.
   */
  follow(
    log: Pick<EventLog, 'append' | 'durable'>,
    reader: Pick<EventLogReader, 'heads' | 'first'>,
  ): Promise<IdempotentLog>
}

/** Frames between two writes of the index while it catches up. */
const CATCH_UP_STEP = 20_000

/** Opens the index. One that cannot be used is put aside, and a new one begins with what the log still has. */
export async function openKeyMemory(options: IdempotencyOptions): Promise<KeyMemory> {
  const index = await openOrReplace(options)
  return {
    upTo: index.seenUpTo(),
    async follow(log, reader) {
      const lostFrames = await catchUp(index, log, reader)
      if (lostFrames > 0)
        options.logger.error(
          { lostFrames },
          'idempotency keys of frames that are gone from the log are forgotten',
        )
      return createIdempotentLog({ index, log, logger: options.logger, lostFrames })
    },
  }
}

async function openOrReplace(options: IdempotencyOptions): Promise<KeyIndex> {
  const { dir, now, logger, files } = options
  const retention = options.retention ?? KEY_RETENTION
  const index = { dir, retention, now, ...(files === undefined ? {} : { files }) }
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

/** A full disk keeps nobody from starting, as long as what waits for it is bounded. */
async function flushOrHold(index: KeyIndex, upTo: number): Promise<void> {
  try {
    await index.flush(upTo)
  } catch (err) {
    if (index.isFull()) throw err
  }
}

/** @returns how many frames above what the index has are gone. */
async function catchUp(
  index: KeyIndex,
  log: Pick<EventLog, 'durable'>,
  reader: Pick<EventLogReader, 'heads' | 'first'>,
): Promise<number> {
  const upTo = log.durable()
  const from = index.seenUpTo() + 1
  const first = await reader.first()
  let count = 0
  for await (const head of reader.heads(from, upTo, new AbortController().signal)) {
    const key = readFrameHash(head.idempotencyHash)
    if (key === null) continue
    const { sequence, dataSourceId, rowCount, refusedCount, arrivedAtMs } = head
    const id = idOf(head.workspaceId, key.keyHash)
    index.add({
      ...{ id, bodyHash: key.bodyHash },
      ...{ sequence, dataSourceId, rowCount, refusedCount, arrivedAtMs },
    })
    count += 1
    if (count % CATCH_UP_STEP === 0) await flushOrHold(index, sequence)
  }
  await index.flush(upTo).catch(() => undefined)
  return first === null ? 0 : Math.max(0, first - from)
}
