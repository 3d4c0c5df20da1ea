// The disk under the log: the one place where the log touches the file system, so that tests can make it fail.
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** One open segment file. Offsets and lengths are bytes. */
export interface LogFile {
  /** Writes every buffer, in order, from `position` on; short writes are continued. */
  write(buffers: readonly Buffer[], position: number): Promise<void>
  /** fdatasync: after it resolves the written bytes, and the file's size, survive a power cut. */
  sync(): Promise<void>
  truncate(bytes: number): Promise<void>
  /** Reads up to `length` bytes at `position`; fewer at the end of the file. */
  read(position: number, length: number): Promise<Buffer>
  size(): Promise<number>
  close(): Promise<void>
}

/** The disk of the directory: what we may still take of it, and all of it. */
export interface SpaceOfDisk {
  readonly freeBytes: number
  readonly diskBytes: number
}

/** The directory of segment files. */
export interface LogFiles {
  /** Creates the directory when missing. */
  prepare(): Promise<void>
  names(): Promise<string[]>
  /** Creates a file that does not exist yet; rejects with EEXIST otherwise. */
  create(name: string): Promise<LogFile>
  openToWrite(name: string): Promise<LogFile>
  openToRead(name: string): Promise<LogFile>
  remove(name: string): Promise<void>
  /** Gives a file another name, in place of what had it; open files stay what they are. Lasting after syncNames(). */
  rename(from: string, to: string): Promise<void>
  /** Bytes the file takes up, and when it was last written to (Unix milliseconds). */
  info(name: string): Promise<{ readonly bytes: number; readonly writtenAtMs: number }>
  space(): Promise<SpaceOfDisk>
  /** fsync of the directory: without it a new file's name may not survive a power cut. */
  syncNames(): Promise<void>
}

/** The real disk. @param dir created with mode 0700 when missing. */
export function diskFiles(dir: string): LogFiles {
  return {
    prepare: async () => {
      await mkdir(dir, { recursive: true, mode: 0o700 })
    },
    names: () => readdir(dir),
    create: (name) => openFile(join(dir, name), 'wx+'),
    openToWrite: (name) => openFile(join(dir, name), 'r+'),
    openToRead: (name) => openFile(join(dir, name), 'r'),
    rename: (from, to) => rename(join(dir, from), join(dir, to)),
    remove: (name) => rm(join(dir, name), { force: true }),
    async info(name) {
      const { size, mtimeMs } = await stat(join(dir, name))
      return { bytes: size, writtenAtMs: mtimeMs }
    },
    async space() {
      const { bavail, blocks, bsize } = await statfs(dir)
      return { freeBytes: bavail * bsize, diskBytes: blocks * bsize }
    },
    syncNames: async () => {
      const handle = await open(dir, 'r')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    },
  }
}

async function openFile(path: string, flags: string): Promise<LogFile> {
  const handle = await open(path, flags, 0o600)
  return {
    async write(buffers, position) {
      let rest = [...buffers]
      let at = position
      while (rest.length > 0) {
        const { bytesWritten } = await handle.writev(rest, at)
        at += bytesWritten
        rest = afterBytes(rest, bytesWritten)
      }
    },
    sync: () => handle.datasync(),
    truncate: (bytes) => handle.truncate(bytes),
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

/** What is left of `buffers` once `written` bytes of them are on disk. */
function afterBytes(buffers: readonly Buffer[], written: number): Buffer[] {
  let left = written
  for (const [index, buffer] of buffers.entries()) {
    if (left < buffer.length) return [buffer.subarray(left), ...buffers.slice(index + 1)]
    left -= buffer.length
  }
  return []
}
