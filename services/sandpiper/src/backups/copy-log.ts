// The event log with what is remembered of it (idempotency keys, positions of streams) while it grows. What was moved from the log into
// an index is in one of them: the log is linked before and after the indexes are copied, so no segment that an older index needs is missing.
import { copyFile, link, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { copyTree, type Copied } from './copy-tree.ts'

/** Folders of a data directory. */
interface LogFolders {
  readonly log: string
  readonly keys: string
  readonly positions: string
}

/** @returns what the copies hold. */
export async function copyLog(from: LogFolders, to: LogFolders): Promise<Copied> {
  await mkdir(to.log, { mode: 0o700 })
  await copySegments(from.log, to.log)
  const keys = await copyIndex(from.keys, to.keys)
  const positions = await copyIndex(from.positions, to.positions)
  const segments = await copySegments(from.log, to.log)
  const all = [keys, positions, segments]
  return {
    files: all.reduce((sum, { files }) => sum + files, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

/** Files of an index are replaced while it is read: then it is copied anew, so that all of it is of one moment. */
async function copyIndex(from: string, to: string): Promise<Copied> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await copyTree(from, to, () => false)
    } catch (err) {
      if (!isMissing(err) || tries === TRIES_MAX) throw err
      await rm(to, { recursive: true, force: true })
    }
  }
}

/** They are replaced every few seconds, and copied in milliseconds. */
const TRIES_MAX = 10

/** Full segments never change again; the newest is written to, so it is copied, as a crash would leave it. */
async function copySegments(from: string, to: string): Promise<Copied> {
  const names = (await readdir(from)).filter((name) => name.endsWith('.log')).sort()
  const newest = names.at(-1)
  for (const name of names) await copySegment(join(from, name), join(to, name), name === newest)
  const copied = { files: 0, bytes: 0 }
  for (const name of await readdir(to)) {
    copied.files += 1
    copied.bytes += (await lstat(join(to, name))).size
  }
  return copied
}

/** What was copied before stays until it is replaced: the log may drop a confirmed segment between the looking and the linking. */
async function copySegment(source: string, target: string, isNewest: boolean): Promise<void> {
  const fresh = `${target}.new`
  try {
    await (isNewest ? copyFile : link)(source, fresh)
    await rename(fresh, target)
  } catch (err) {
    if (!isMissing(err)) throw err
  } finally {
    // Renaming one name of a file to another of the same file leaves both.
    await rm(fresh, { force: true })
  }
}

function isMissing(err: unknown): boolean {
  return (err as NodeJS.ErrnoException).code === 'ENOENT'
}
