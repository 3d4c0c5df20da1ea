// The blocks of the next segment, written as zeros while the current one fills: a sync into blocks that are there already need not wait
// for the file system's journal, which under load waits for everybody's data. A convenience: whatever fails here, a segment is begun
// as ever. The file has no segment's name until it is taken, so nobody reads it.
import type { LogFile, LogFiles } from './log-files.ts'

/** One at a time is written and synced, so that the log's own syncs are never behind much of it. */
const STEP_BYTES = 1024 * 1024
const ZEROS = Buffer.alloc(STEP_BYTES)

/** Name of the file while it is made. */
export const NEXT_SEGMENT = 'next-segment'

export interface NextSegment {
  /** Begins to make it; nothing when it is there or being made. Never throws. */
  prepare(): void
  /** Gives it, all zeros and durable, under this name; null when it is not there, or cannot be. The folder is still to be synced. */
  take(name: string): Promise<LogFile | null>
  /** Ends the making and removes what was made. */
  close(): Promise<void>
}

/** @param bytes of a segment. */
export function createNextSegment(files: LogFiles, bytes: number): NextSegment {
  let ready: LogFile | null = null
  let making: Promise<void> | null = null
  let isClosed = false

  async function make(): Promise<void> {
    // Of a process that ended in the middle.
    await files.remove(NEXT_SEGMENT)
    const file = await files.create(NEXT_SEGMENT)
    try {
      for (let at = 0; at < bytes; at += STEP_BYTES) {
        if (isClosed) throw new Error('closed')
        await file.write([ZEROS.subarray(0, Math.min(STEP_BYTES, bytes - at))], at)
        await file.sync()
      }
      ready = file
    } catch {
      await discard(file)
    }
  }

  async function discard(file: LogFile): Promise<void> {
    await file.close().catch(() => undefined)
    await files.remove(NEXT_SEGMENT).catch(() => undefined)
  }

  return {
    prepare() {
      if (ready !== null || making !== null || isClosed) return
      making = make()
        .catch(() => undefined)
        .finally(() => {
          making = null
        })
    },
    async take(name) {
      const file = ready
      if (file === null) return null
      ready = null
      try {
        await files.rename(NEXT_SEGMENT, name)
        return file
      } catch {
        await discard(file)
        return null
      }
    },
    async close() {
      isClosed = true
      await making
      if (ready !== null) await discard(ready)
      ready = null
    },
  }
}
