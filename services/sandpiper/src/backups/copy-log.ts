// The event log with what is remembered of it (idempotency keys, positions of streams) while it grows. What was moved from the log into
// an index is in one of them: the log is linked before and after the indexes are copied, so no segment that an older index needs is missing.
import { copyFile, link, lstat, mkdir, readdir, rm } from 'node:fs/promises'
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
  const keys = await copyTree(from.keys, to.keys, () => false)
  const positions = await copyTree(from.positions, to.positions, () => false)
  const segments = await copySegments(from.log, to.log)
  const all = [keys, positions, segments]
  return {
    files: all.reduce((sum, { files }) => sum + files, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

/** Full segments never change again; the newest is written to, so it is copied, as a crash would leave it. */
async function copySegments(from: string, to: string): Promise<Copied> {
  const names = (await readdir(from)).filter((name) => name.endsWith('.log')).sort()
  const newest = names.at(-1)
  for (const name of names) {
    const target = join(to, name)
    await rm(target, { force: true })
    await (name === newest ? copyFile : link)(join(from, name), target).catch((err: unknown) => {
      // Confirmed in every target, and dropped since the folder was read.
      if ((err as NodeJS.ErrnoException).code !== 'ENOENT') throw err
    })
  }
  const copied = { files: 0, bytes: 0 }
  for (const name of await readdir(to)) {
    copied.files += 1
    copied.bytes += (await lstat(join(to, name))).size
  }
  return copied
}
