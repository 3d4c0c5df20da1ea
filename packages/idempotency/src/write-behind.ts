// Writes the index some time after its keys were acknowledged: what a crash takes is read from the log again. One write at a time.
import type { Logger } from '@sandpiper/telemetry'
import type { KeyIndex } from './key-index.ts'

/** Bounds what the next start reads again, and how many keys one write has. */
const WRITE_EVERY_MS = 1_000
/** A write that failed is tried again after this. */
const RETRY_MS = 5_000

export interface WriteBehind {
  /** There is something to write. */
  soon(): void
  /** Writes what there is, then closes the index. */
  close(): Promise<void>
}

/** @param coveredUpTo every frame with a key up to there was added to the index. */
export function writeBehind(
  index: Pick<KeyIndex, 'flush' | 'counters' | 'close'>,
  coveredUpTo: () => number,
  logger: Logger,
): WriteBehind {
  let timer: NodeJS.Timeout | null = null
  let writing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    try {
      await index.flush(coveredUpTo())
    } catch (err) {
      logger.warn({ err }, 'idempotency keys could not be written and are kept in memory')
      return
    }
  }

  async function turn(): Promise<void> {
    const failed = index.counters.failedFlushes
    await write()
    timer = null
    schedule(index.counters.failedFlushes > failed ? RETRY_MS : WRITE_EVERY_MS)
  }

  function schedule(ms: number): void {
    timer ??= setTimeout(() => {
      writing = turn()
    }, ms)
    timer.unref()
  }

  schedule(WRITE_EVERY_MS)
  return {
    soon() {
      schedule(WRITE_EVERY_MS)
    },
    async close() {
      await writing
      if (timer !== null) clearTimeout(timer)
      await write()
      await index.close()
    },
  }
}
