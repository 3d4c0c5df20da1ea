// The segments a reader keeps open: a few, each closed only when nobody is in the middle of reading it.
import { type Fault, fault } from '@sandpiper/faults'
import { blockCache, type BlockCache } from './block-cache.ts'
import type { LogFile, LogFiles } from './log-files.ts'

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
  /** Closes the segment as soon as nobody uses it. */
  forget(name: string): Promise<void>
  close(): Promise<void>
}

interface Kept {
  readonly segment: OpenSegment
  readonly file: LogFile
  users: number
  forgotten: boolean
}

/** @param openMax how many files stay open; default 8. */
export function openSegments(files: LogFiles, openMax = 8): OpenSegments {
  const kept = new Map<string, Promise<Kept>>()
  const bySegment = new WeakMap<OpenSegment, Kept>()

  async function forget(name: string): Promise<void> {
    const opening = kept.get(name)
    if (opening === undefined) return
    kept.delete(name)
    const entry = await opening
    entry.forgotten = true
    if (entry.users === 0) await entry.file.close()
  }

  function keep(name: string): Promise<Kept> {
    const opening = openSegment(files, name)
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
      if (entry.forgotten && entry.users === 0) await entry.file.close()
    },
    forget,
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

async function openSegment(files: LogFiles, name: string): Promise<Kept> {
  const file = await files.openToRead(name).catch((error: unknown) => {
    throw unreadable(`segment ${name} cannot be opened`, error)
  })
  const read = (position: number, length: number): Promise<Buffer> =>
    file.read(position, length).catch((error: unknown) => {
      throw unreadable(`segment ${name} cannot be read at ${position}`, error)
    })
  const segment = { name, blocks: blockCache({ read }), next: { sequence: 0, offset: 0 } }
  return { segment, file, users: 0, forgotten: false }
}
