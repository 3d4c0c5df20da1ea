// Files beside the engine that one attempt of one batch is loaded from. They are never trusted after a crash: the log is.
// An attempt has its own file names; removing them keeps a statement that was sent but not started from ever doing anything.
import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventLogReader, FrameRef } from '@sandpiper/eventlog'
import { Fault } from '@sandpiper/faults'

/** What one attempt wrote. A path is null when there is nothing of its kind. */
export interface SpoolFiles {
  readonly rowsPath: string | null
  readonly refusedPath: string | null
  /** Frames whose bytes no longer match their checksum: left out, to be counted. */
  readonly damaged: readonly FrameRef[]
}

export interface Spool {
  /**
   * Writes the frames' rows and refused lines, in order. Holds one frame and what waits to be written (256 KiB a file) in memory.
   * @param damagedLine what stands among the refused lines for a frame whose bytes are damaged.
   */
  write(
    name: string,
    frames: readonly FrameRef[],
    damagedLine: (ref: FrameRef) => Buffer,
  ): Promise<SpoolFiles>
  /** A further file of the same attempt, for parts of its rows. */
  writeText(name: string, text: Buffer): Promise<string>
  /** Removes every file of an attempt. */
  remove(name: string): Promise<void>
  /** Removes what a former life left. */
  clean(): Promise<void>
}

const OURS = /^t_[0-9a-f]{32}-\d+-\d+\./

/** @param dir the spool folder; the engine must be able to read in it. */
export function createSpool(dir: string, reader: EventLogReader): Spool {
  const pathOf = (name: string, kind: string): string => join(dir, `${name}.${kind}.ndjson`)

  return {
    async write(name, frames, damagedLine) {
      const rows = lazyFile(pathOf(name, 'rows'))
      const refused = lazyFile(pathOf(name, 'refused'))
      const damaged: FrameRef[] = []
      try {
        for (const ref of frames) {
          const frame = await readFrame(reader, ref)
          if (frame === null) {
            damaged.push(ref)
            await refused.append(damagedLine(ref))
            continue
          }
          await rows.append(frame.rows)
          await refused.append(frame.refused)
        }
      } finally {
        await Promise.all([rows.close(), refused.close()])
      }
      return { rowsPath: rows.written(), refusedPath: refused.written(), damaged }
    },
    async writeText(name, text) {
      const path = pathOf(name, 'part')
      const file = await openReadable(path, 'w')
      try {
        await file.writeFile(text)
      } finally {
        await file.close()
      }
      return path
    },
    async remove(name) {
      for (const kind of ['rows', 'refused', 'part']) await rm(pathOf(name, kind), { force: true })
    },
    async clean() {
      await mkdir(dir, { recursive: true })
      for (const file of await readdir(dir)) if (OURS.test(file)) await rm(join(dir, file))
    },
  }
}

/** The frame, or null when its bytes are damaged: after a second look, since a busy disk may fail once. */
async function readFrame(
  reader: EventLogReader,
  ref: FrameRef,
): Promise<{ rows: Buffer; refused: Buffer } | null> {
  try {
    return await reader.read(ref)
  } catch {
    try {
      return await reader.read(ref)
    } catch (err) {
      if (err instanceof Fault && err.code === 'log.unavailable' && !isHindered(err)) return null
      throw err
    }
  }
}

/**
 * Whether the system kept the log from being read (no files or memory left, no permission), which tells nothing about the frame. What a
 * disk cannot read, the log itself passes over; a segment that is gone takes its frames along.
 */
function isHindered({ details }: Fault): boolean {
  const { cause } = details
  return cause instanceof Error && 'code' in cause && cause.code !== 'ENOENT'
}

const GATHERED_BYTES = 256 * 1024

interface LazyFile {
  append(bytes: Buffer): Promise<void>
  close(): Promise<void>
  written(): string | null
}

// Opened by its first byte, so that a batch of refused lines alone leaves no empty file of rows. Small frames are gathered: a write
// for each would cost more than all the rest of their way.
function lazyFile(path: string): LazyFile {
  let handle: FileHandle | null = null
  let isWritten = false
  let waiting: Buffer[] = []
  let waitingBytes = 0

  async function write(): Promise<void> {
    if (waitingBytes === 0) return
    handle ??= await openReadable(path, 'wx')
    isWritten = true
    const bytes = waiting.length === 1 ? waiting[0] : Buffer.concat(waiting, waitingBytes)
    waiting = []
    waitingBytes = 0
    await handle.appendFile(bytes ?? '')
  }

  return {
    async append(bytes) {
      if (bytes.length === 0) return
      waiting.push(bytes)
      waitingBytes += bytes.length
      if (waitingBytes >= GATHERED_BYTES) await write()
    },
    async close() {
      try {
        await write()
      } finally {
        await handle?.close()
        handle = null
      }
    },
    written: () => (isWritten ? path : null),
  }
}

/** The engine may run as another user: the folder decides who gets in, whatever the umask. */
async function openReadable(path: string, flags: 'w' | 'wx'): Promise<FileHandle> {
  const file = await open(path, flags)
  await file.chmod(0o644)
  return file
}
