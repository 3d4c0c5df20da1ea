// Files on their way in: what comes over HTTP is written here before anything is done with it, so that memory holds a piece of it only
// and a job that is run again after a crash finds what it read before. Synced once when complete, and its name with it: a job is stored
// durably right after, a file that a power cut left half empty would be taken for the whole, and one that was fetched may read otherwise
// when it is fetched again. What no job waits for is removed at the start.
import { open, mkdir, readdir, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { fault } from '@sandpiper/faults'

/** Bounds of what is received. */
export interface ReceiveLimits {
  /** Bytes of one file as it comes. */
  readonly bytesMax: number
  /** Bytes that must stay free on the disk. */
  readonly freeBytesMin: number
  /** Files that may be on their way at once; three quarters of them of one workspace. */
  readonly receivingMax: number
}

/** The folder. Names of files are ours: `<workspace id>.<job id>`. */
export interface ImportFolder {
  /**
   * Writes a stream to a file. Nothing is left when it fails.
   * @throws fault `request.too_large` | `limit.rate` (429) when too many are on their way | `storage.full` (507) | `storage.unavailable` (503).
   */
  receive(
    name: string,
    stream: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<{ readonly bytes: number }>
  /** The same for a file made of another one, which no caller waits to send. */
  derive(name: string, stream: AsyncIterable<Uint8Array>): Promise<{ readonly bytes: number }>
  /** Full path of a file. */
  path(name: string): string
  /** Bytes of a complete file; null when there is none. */
  size(name: string): Promise<number | null>
  /** Removes a file and those made of it. */
  remove(name: string): Promise<void>
  /** Names of complete files. */
  names(): Promise<string[]>
  /** The same; removes what was never completed. Call before anything is received. */
  begin(): Promise<string[]>
  /** Files on their way now. */
  receiving(): number
}

/** Between two looks at the free space. */
const CHECK_EVERY_BYTES = 16 * 1024 * 1024
/** The part of the places that one workspace may have: files that are sent slowly must not shut out all others. */
const OF_ONE_WORKSPACE = 0.75
const PART = '.part'
const NAME = /^[0-9a-f-]{36}\.[0-9a-f-]{36}(\.(unpacked|rows))?$/

/** @param dir made when missing; the engine must be able to read in it. */
export function createImportFolder(dir: string, limits: ReceiveLimits): ImportFolder {
  const places = createPlaces(limits.receivingMax)
  const path = (name: string): string => join(dir, name)

  async function write(
    name: string,
    stream: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<{ bytes: number }> {
    let file: FileHandle | null = null
    try {
      await mkdir(dir, { recursive: true, mode: 0o750 })
      await checkSpace(dir, limits.freeBytesMin)
      file = await open(path(name + PART), 'w', 0o640)
      let bytes = 0
      let checkAt = CHECK_EVERY_BYTES
      for await (const chunk of stream) {
        signal?.throwIfAborted()
        bytes += chunk.byteLength
        if (bytes > limits.bytesMax) throw tooLarge(limits.bytesMax)
        await writeAll(file, chunk)
        if (bytes < checkAt) continue
        checkAt = bytes + CHECK_EVERY_BYTES
        await checkSpace(dir, limits.freeBytesMin)
      }
      await file.datasync()
      await file.close()
      await rename(path(name + PART), path(name))
      await syncNames(dir)
      return { bytes }
    } catch (err) {
      // A disk that refuses to write may refuse these too: what is left is removed at the next start.
      await file?.close().catch(() => undefined)
      await rm(path(name + PART), { force: true }).catch(() => undefined)
      throw translated(err)
    }
  }

  return {
    path,
    derive: (name, stream) => write(name, stream),
    receiving: places.taken,
    async receive(name, stream, signal) {
      const leave = places.take(name.split('.', 1)[0] ?? '')
      try {
        return await write(name, stream, signal)
      } finally {
        leave()
      }
    },
    size: async (name) => (await stat(path(name)).catch(() => null))?.size ?? null,
    async remove(name) {
      for (const each of [name, `${name}.unpacked`, `${name}.rows`])
        for (const end of ['', PART]) await rm(path(each + end), { force: true })
    },
    names: () => namesIn(dir),
    async begin() {
      await mkdir(dir, { recursive: true, mode: 0o750 })
      await syncNames(dirname(dir))
      for (const name of await readdir(dir))
        if (!NAME.test(name)) await rm(path(name), { force: true })
      return namesIn(dir)
    },
  }
}

async function namesIn(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => NAME.test(name))
}

/** Places for files on their way; one workspace may have a part of them. */
function createPlaces(placesMax: number): {
  taken: () => number
  take: (workspaceId: string) => () => void
} {
  const ofWorkspace = new Map<string, number>()
  let taken = 0
  return {
    taken: () => taken,
    take(workspaceId) {
      const own = ofWorkspace.get(workspaceId) ?? 0
      if (taken >= placesMax || own >= Math.ceil(placesMax * OF_ONE_WORKSPACE)) throw tooMany()
      taken += 1
      ofWorkspace.set(workspaceId, own + 1)
      return () => {
        taken -= 1
        const left = (ofWorkspace.get(workspaceId) ?? 1) - 1
        if (left === 0) ofWorkspace.delete(workspaceId)
        else ofWorkspace.set(workspaceId, left)
      }
    },
  }
}

/** Names in a folder survive a power cut only after an fsync of the folder. */
async function syncNames(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function writeAll(
  file: { write(bytes: Uint8Array, at: number): Promise<{ bytesWritten: number }> },
  chunk: Uint8Array,
): Promise<void> {
  for (let at = 0; at < chunk.byteLength;) at += (await file.write(chunk, at)).bytesWritten
}

async function checkSpace(dir: string, freeBytesMin: number): Promise<void> {
  const { bavail, bsize } = await statfs(dir)
  if (bavail * bsize < freeBytesMin) throw full()
}

/** A disk that is full, or does not work now, is no bug of ours. */
function translated(err: unknown): unknown {
  const code = err instanceof Error && 'code' in err ? String(err.code) : ''
  if (code === 'ENOSPC' || code === 'EDQUOT') return full(err)
  if (code !== 'EIO' && code !== 'EROFS') return err
  return fault('storage.unavailable', {
    public: 'The server cannot write the file to its disk now. Nothing of it was taken.',
    headers: { 'Retry-After': '5' },
    cause: err,
  })
}

function full(cause?: unknown): Error {
  return fault('storage.full', {
    public: 'The server has no room for the file now.',
    headers: { 'Retry-After': '60' },
    cause,
  })
}

function tooLarge(bytesMax: number): Error {
  return fault('request.too_large', {
    public: `The file is larger than ${bytesMax} bytes. Split it into several files.`,
  })
}

function tooMany(): Error {
  return fault('limit.rate', {
    public: 'Too many files are being sent at once. Try again in a few seconds.',
    headers: { 'Retry-After': '5' },
  })
}
