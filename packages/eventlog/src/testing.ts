// Frames, folders and a failing disk for this package's tests.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EventLogReader, FrameRef } from './event-log.ts'
import type { Frame, NewFrame } from './frame.ts'
import { diskFiles, type LogFile, type LogFiles } from './log-files.ts'

/** A frame with one row that says `value`. */
export function frameOf(value: string, changes: Partial<NewFrame> = {}): NewFrame {
  return {
    workspaceId: '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10',
    dataSourceId: `t_${'a'.repeat(32)}`,
    schemaVersion: 1,
    requestId: '01JKQ0000000000000000000AA',
    arrivedAtMs: 1_763_700_000_000,
    idempotencyHash: null,
    rowCount: 1,
    refusedCount: 0,
    rows: Buffer.from(`{"value":${JSON.stringify(value)}}\n`),
    refused: Buffer.alloc(0),
    ...changes,
  }
}

/** A folder of its own, removed by `remove`. */
export async function tempDir(): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'eventlog-'))
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) }
}

/** Every frame from `from` to `upTo`, read whole. */
export async function framesOf(
  reader: EventLogReader,
  from: number,
  upTo: number,
): Promise<Frame[]> {
  const frames: Frame[] = []
  for (const ref of await refsOf(reader, from, upTo)) frames.push(await reader.read(ref))
  return frames
}

export async function refsOf(
  reader: EventLogReader,
  from: number,
  upTo: number,
): Promise<FrameRef[]> {
  const refs: FrameRef[] = []
  for await (const ref of reader.scan(from, upTo, new AbortController().signal)) refs.push(ref)
  return refs
}

/** The text each frame was made with by frameOf. */
export function valuesOf(frames: readonly Frame[]): string[] {
  return frames.map((frame) => (JSON.parse(frame.rows.toString()) as { value: string }).value)
}

/** What the disk is asked, before it does it. Throw to make it fail; return a promise to make it slow. */
export type DiskHook = (
  operation: 'create' | 'write' | 'sync' | 'truncate' | 'syncNames' | 'openToRead' | 'read',
  name: string,
  position: number,
  length: number,
) => Promise<void> | void

/** The real disk with a hook before each change and each read. Position and length are those of a read. */
export function hookedDisk(dir: string, hook: DiskHook): LogFiles {
  const real = diskFiles(dir)
  const hooked = (file: LogFile, name: string): LogFile => ({
    ...file,
    async write(buffers, position) {
      await hook('write', name, position, 0)
      await file.write(buffers, position)
    },
    async sync() {
      await hook('sync', name, 0, 0)
      await file.sync()
    },
    async truncate(bytes) {
      await hook('truncate', name, bytes, 0)
      await file.truncate(bytes)
    },
  })
  return {
    ...real,
    async openToRead(name) {
      await hook('openToRead', name, 0, 0)
      const file = await real.openToRead(name)
      return {
        ...file,
        async read(position, length) {
          await hook('read', name, position, length)
          return file.read(position, length)
        },
      }
    },
    async create(name) {
      await hook('create', name, 0, 0)
      return hooked(await real.create(name), name)
    },
    openToWrite: async (name) => hooked(await real.openToWrite(name), name),
    async syncNames() {
      await hook('syncNames', '', 0, 0)
      await real.syncNames()
    },
  }
}

/** An error as the file system raises it. */
export function diskError(
  code: 'ENOSPC' | 'EIO' | 'EROFS' | 'EACCES' | 'EMFILE' | 'EDQUOT',
): Error {
  return Object.assign(new Error(`${code}: injected`), { code })
}
