// The segments a reader keeps open: a few, each closed only when nobody is in the middle of reading it.
import { type Fault, fault } from '@sandpiper/faults'
import { blockCache, type BlockCache } from './block-cache.ts'
import type { LogFile, LogFiles } from './log-files.ts'
import { isUnreadable, patientFile, withRetries } from './patient-file.ts'

/** A segment in use: its blocks, and where the furthest scan of it stopped. */
interface OpenSegment {
  readonly name: string
  readonly blocks: BlockCache
  next: { readonly sequence: number; readonly offset: number }
}

/** Who opens a segment must leave it. */
export interface OpenSegments {
  /** @throws fault `log.unavailable` when the file is gone or cannot be opened. */
  use(name: string): Promise<OpenSegment>
  leave(segment: OpenSegment): Promise<void>
  /** Closes every other segment as soon as nobody uses it. */
  keepOnly(segments: readonly { readonly name: string }[]): Promise<void>
  /** Bytes of blocks in memory. */
  heldBytes(): number
  close(): Promise<void>
}

interface Kept {
  readonly segment: OpenSegment
  readonly file: Pick<LogFile, 'close'>
  users: number
  forgotten: boolean
}

interface OpenOptions {
  /** Milliseconds before each further try of a read that failed. */
  readonly readRetriesMs: readonly number[]
  /** Told of each stretch that cannot be read and counts as zeros. */
  readonly onUnreadable: (segment: string, offset: number, bytes: number) => void
  /** How many files stay open; default 8. */
  readonly openMax?: number
}

export function openSegments(files: LogFiles, options: OpenOptions): OpenSegments {
  const { openMax = 8 } = options
  const kept = new Map<string, Promise<Kept>>()
  const bySegment = new WeakMap<OpenSegment, Kept>()
  /** Also those that are closed as soon as their last user leaves. */
  const inMemory = new Set<Kept>()

  async function forget(name: string): Promise<void> {
    const opening = kept.get(name)
    if (opening === undefined) return
    kept.delete(name)
    // One that could not be opened needs no closing.
    const entry = await opening.catch(() => null)
    if (entry === null) return
    entry.forgotten = true
    if (entry.users === 0) await end(entry)
  }

  async function end(entry: Kept): Promise<void> {
    inMemory.delete(entry)
    await entry.file.close()
  }

  function keep(name: string): Promise<Kept> {
    const opening = openSegment(files, name, options).then((entry) => {
      inMemory.add(entry)
      return entry
    })
    kept.set(name, opening)
    opening.catch(() => kept.delete(name))
    return opening
  }

  return {
    async use(name) {
      const entry = await (kept.get(name) ?? keep(name))
      entry.users += 1
      bySegment.set(entry.segment, entry)
      const oldest = kept.keys().next().value
      if (kept.size > openMax && oldest !== undefined) await forget(oldest)
      return entry.segment
    },
    async leave(segment) {
      const entry = bySegment.get(segment)
      if (entry === undefined) return
      entry.users -= 1
      if (entry.forgotten && entry.users === 0) await end(entry)
    },
    async keepOnly(segments) {
      const names = new Set(segments.map(({ name }) => name))
      await Promise.all([...kept.keys()].filter((name) => !names.has(name)).map(forget))
    },
    heldBytes: () =>
      [...inMemory].reduce((sum, { segment }) => sum + segment.blocks.heldBytes(), 0),
    async close() {
      await Promise.all([...kept.keys()].map(forget))
    },
  }
}

/** Something in the log cannot be read now. */
export function unreadable(internal: string, cause?: unknown): Fault {
  return fault('log.unavailable', {
    public: 'A part of the event log cannot be read.',
    internal,
    cause,
  })
}

async function openSegment(files: LogFiles, name: string, options: OpenOptions): Promise<Kept> {
  const { readRetriesMs } = options
  const file = await withRetries(readRetriesMs, () => files.openToRead(name)).catch(
    (error: unknown) => {
      if (!isUnreadable(error))
        throw unreadable(`segment ${name} cannot be opened: ${codeOf(error)}`, error)
      options.onUnreadable(name, 0, 0)
      return NOTHING
    },
  )
  const patient = patientFile(file, readRetriesMs, (offset, bytes) => {
    options.onUnreadable(name, offset, bytes)
  })
  const read = (position: number, length: number): Promise<Buffer> =>
    patient.read(position, length).catch((error: unknown) => {
      throw unreadable(`segment ${name} cannot be read at ${position}: ${codeOf(error)}`, error)
    })
  const segment = { name, blocks: blockCache({ read }), next: { sequence: 0, offset: 0 } }
  return { segment, file, users: 0, forgotten: false }
}

/** Stands for a file that the disk cannot even open: its frames are missing. */
const NOTHING: Pick<LogFile, 'read' | 'size' | 'close'> = {
  size: () => Promise.resolve(0),
  read: () => Promise.resolve(Buffer.alloc(0)),
  close: () => Promise.resolve(),
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
