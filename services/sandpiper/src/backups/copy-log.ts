// The event log and the idempotency keys while both grow. A key that was moved from the log into its index is in one of them: the log is
// linked before and after the keys are copied, so no segment that the older index needs is missing.
import { copyFile, link, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { copyTree, type Copied } from './copy-tree.ts'

/** @returns what the copies of both hold. */
export async function copyLog(
  from: { readonly log: string; readonly keys: string },
  to: { readonly log: string; readonly keys: string },
): Promise<Copied> {
  await mkdir(to.log, { mode: 0o700 })
  await copySegments(from.log, to.log)
  const keys = await copyTree(from.keys, to.keys, () => false)
  const segments = await copySegments(from.log, to.log)
  return { files: keys.files + segments.files, bytes: keys.bytes + segments.bytes }
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
