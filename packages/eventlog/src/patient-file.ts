// Reads around what a disk cannot read any more. A failing read is tried again a few times; then the pages that still fail count as
// zeros, so that the frames in them fail their checksums and all others are read. What tells nothing about the disk (too many open
// files, no permission, a file that is gone) is passed on: it is tried again later as a whole.
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogFile } from './log-files.ts'

const PAGE_BYTES = 4096
/** What a disk or its file system says of a place it cannot read. */
const DAMAGE = new Set(['EIO', 'EBADMSG', 'EUCLEAN', 'EREMOTEIO', 'ENODATA', 'EILSEQ'])

/** Milliseconds before each further try: a disk that is away for a few seconds costs nothing. */
export const READ_RETRIES_MS: readonly number[] = [50, 250, 1_000, 3_000]

/** Whether an error says that bytes on the disk cannot be read. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && DAMAGE.has(String(error.code))
}

/** Does it until it works, at most once more than there are waits. Errors that are no damage are passed on at once. */
export async function withRetries<Result>(
  waitsMs: readonly number[],
  work: () => Promise<Result>,
): Promise<Result> {
  for (const waitMs of waitsMs) {
    try {
      return await work()
    } catch (error) {
      if (!isUnreadable(error)) throw error
    }
    await sleep(waitMs)
  }
  return work()
}

/** @param onUnreadable told of each stretch once that is read as zeros. */
export function patientFile(
  file: Pick<LogFile, 'read' | 'size'>,
  waitsMs: readonly number[],
  onUnreadable: (offset: number, bytes: number) => void,
): Pick<LogFile, 'read'> {
  const badPages = new Set<number>()

  async function readPages(position: number, wanted: number): Promise<Buffer> {
    // A disk that fails beyond the end too would have no end.
    const length = Math.max(0, Math.min(wanted, (await file.size()) - position))
    const bytes = Buffer.alloc(length)
    let filled = 0
    while (filled < length) {
      const at = position + filled
      const page = Math.floor(at / PAGE_BYTES)
      const want = Math.min(length - filled, (page + 1) * PAGE_BYTES - at)
      const read = badPages.has(page) ? null : await readOrNull(at, want)
      if (read === null) {
        if (!badPages.has(page)) onUnreadable(page * PAGE_BYTES, PAGE_BYTES)
        badPages.add(page)
        filled += want
        continue
      }
      filled += read.copy(bytes, filled)
      if (read.length < want) break
    }
    return bytes.subarray(0, filled)
  }

  async function readOrNull(at: number, length: number): Promise<Buffer | null> {
    try {
      return await file.read(at, length)
    } catch (error) {
      if (isUnreadable(error)) return null
      throw error
    }
  }

  return {
    async read(position, length) {
      // Where pages are known to be bad, the others are not waited for again.
      const isKnown = hasBadPage(badPages, position, length)
      try {
        return await withRetries(isKnown ? [] : waitsMs, () => file.read(position, length))
      } catch (error) {
        if (!isUnreadable(error)) throw error
        return readPages(position, length)
      }
    },
  }
}

function hasBadPage(pages: ReadonlySet<number>, position: number, length: number): boolean {
  const first = Math.floor(position / PAGE_BYTES)
  const last = Math.floor((position + length - 1) / PAGE_BYTES)
  for (const page of pages) if (first <= page && page <= last) return true
  return false
}
