// A folder once more, without its bytes where they can never change: files of parts are written once and get a second name; anything
// else is copied.
import { existsSync } from 'node:fs'
import { chown, copyFile, link, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface Copied {
  files: number
  bytes: number
}

/** Files at work at once: enough to keep a disk busy, few enough for the loop. */
const AT_ONCE = 32

/**
 * Links what `mayLink` allows and copies the rest; folders and owners as they are. Things that are no files are left out.
 * @throws Error of the file system; what was made stays.
 */
export async function copyTree(
  from: string,
  to: string,
  mayLink: (folder: string, names: readonly string[]) => boolean,
  isWanted: (name: string) => boolean = () => true,
): Promise<Copied> {
  const copied = { files: 0, bytes: 0 }
  await copyFolder(from, to)
  return copied

  async function copyFolder(source: string, target: string): Promise<void> {
    const { mode, uid, gid } = await lstat(source)
    await mkdir(target, { recursive: true, mode: mode & 0o777 })
    await own(target, { uid, gid })
    const entries = (await readdir(source, { withFileTypes: true })).filter(({ name }) =>
      isWanted(name),
    )
    const isLinked = mayLink(
      source,
      entries.map(({ name }) => name),
    )
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
    for (let at = 0; at < files.length; at += AT_ONCE) {
      const some = files.slice(at, at + AT_ONCE)
      await Promise.all(
        some.map((name) => placeFile(join(source, name), join(target, name), isLinked)),
      )
    }
    for (const entry of entries)
      if (entry.isDirectory()) await copyInner(join(source, entry.name), join(target, entry.name))
  }

  /** A folder that goes away meanwhile, as parts do that a merge replaced, is in no copy. */
  async function copyInner(source: string, target: string): Promise<void> {
    const before = { ...copied }
    try {
      await copyFolder(source, target)
    } catch (err) {
      if (!isMissing(err) || existsSync(source)) throw err
      Object.assign(copied, before)
      await rm(target, { recursive: true, force: true })
    }
  }

  async function placeFile(source: string, target: string, isLinked: boolean): Promise<void> {
    const { size, uid, gid } = await lstat(source)
    if (isLinked) await link(source, target)
    else {
      await copyFile(source, target)
      await own(target, { uid, gid })
    }
    copied.files += 1
    copied.bytes += size
  }
}

/** Only root gives files away, and only root has files of others. */
async function own(path: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  if (process.getuid?.() === 0) await chown(path, uid, gid)
}

function isMissing(err: unknown): boolean {
  return (err as NodeJS.ErrnoException).code === 'ENOENT'
}
