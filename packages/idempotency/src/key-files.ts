// The disk under the index of keys: the one place where it touches the file system, so that tests can make it fail.
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** One open file. Positions and lengths are bytes. */
export interface KeyFile {
  /** Writes all of it; short writes are continued. */
  write(bytes: Buffer, position: number): Promise<void>
  /** fdatasync: after it resolves the written bytes, and the file's size, survive a power cut. */
  sync(): Promise<void>
  /** Reads up to `length` bytes; fewer at the end of the file. */
  read(position: number, length: number): Promise<Buffer>
  size(): Promise<number>
  close(): Promise<void>
}

/** The folder of the index. */
export interface KeyFiles {
  /** Creates the folder when missing. */
  prepare(): Promise<void>
  names(): Promise<string[]>
  /** Creates the file, or empties the one of that name. */
  create(name: string): Promise<KeyFile>
  openToRead(name: string): Promise<KeyFile>
  rename(from: string, to: string): Promise<void>
  remove(name: string): Promise<void>
  /** fsync of the folder: without it a new name may not survive a power cut. */
  syncNames(): Promise<void>
}

/** What is being written; it counts only under its own name. */
export const UNFINISHED = '.tmp'

/** The real disk. @param dir created with mode 0700 when missing. */
export function diskKeyFiles(dir: string): KeyFiles {
  return {
    prepare: async () => {
      await mkdir(dir, { recursive: true, mode: 0o700 })
    },
    names: () => readdir(dir),
    create: (name) => openFile(join(dir, name), 'w+'),
    openToRead: (name) => openFile(join(dir, name), 'r'),
    rename: (from, to) => rename(join(dir, from), join(dir, to)),
    remove: (name) => rm(join(dir, name), { force: true }),
    async syncNames() {
      const handle = await open(dir, 'r')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    },
  }
}

async function openFile(path: string, flags: string): Promise<KeyFile> {
  const handle = await open(path, flags, 0o600)
  return {
    async write(bytes, position) {
      let done = 0
      while (done < bytes.length)
        done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten
    },
    sync: () => handle.datasync(),
    async read(position, length) {
      const bytes = Buffer.allocUnsafe(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    },
    size: async () => (await handle.stat()).size,
    close: () => handle.close(),
  }
}
