// What the appending side must know before its first append: the next sequence, and where the last segment goes on. Damage never stops
// the start: it is reported, left in place, and the log goes on behind it in a new segment.
import { AssertionError } from '@sandpiper/assert'
import { Fault } from '@sandpiper/faults'
import { blockCache } from './block-cache.ts'
import type { LogDamage } from './event-log.ts'
import { FRAME_HEADER_BYTES } from './frame-bytes.ts'
import type { LogFile, LogFiles } from './log-files.ts'
import { listSegments, type Segment } from './segments.ts'
import { walkSegment } from './walk-segment.ts'

/** The state of the log on disk. */
export interface RecoveredLog {
  /** Highest sequence that is or may have been given; the next frame gets one more. */
  readonly lastSequence: number
  /** The segment to go on in, and its end in bytes; null: begin a new one. */
  readonly tail: { readonly name: string; readonly end: number } | null
}

/**
 * Reads every byte of the last segment (the others ended with a sync) and syncs it: after a crash of the process alone its
 * newest frames may be only in the page cache.
 */
export async function recoverLog(
  files: LogFiles,
  onDamage: (damage: LogDamage) => void,
): Promise<RecoveredLog> {
  const segment = (await listSegments(files)).at(-1)
  if (segment === undefined) return { lastSequence: 0, tail: null }
  const { last, end, lost } = await walkToEnd(files, segment, onDamage)
  // A damaged tail costs at least one sequence: a number that may have been seen is never given twice.
  const lastSequence = last + lost
  // The whole frames before damage too: they are announced durable, loaded, and their keys remembered.
  const isSynced = await syncSegment(files, segment.name, lost === 0 ? end : null)
  return { lastSequence, tail: isSynced && lost === 0 ? { name: segment.name, end } : null }
}

interface WalkedTail {
  readonly last: number
  readonly end: number
  /** Frames the damage after the last valid frame may have held. */
  readonly lost: number
}

async function walkToEnd(
  files: LogFiles,
  segment: Segment,
  onDamage: (damage: LogDamage) => void,
): Promise<WalkedTail> {
  const file = await files.openToRead(segment.name)
  try {
    return await walkFrames(file, segment, onDamage)
  } catch (error) {
    if (error instanceof Fault || error instanceof AssertionError) throw error
    // A disk that cannot read: no frame there can be told, so every sequence that would fit is passed over.
    const lost = Math.ceil((await file.size()) / FRAME_HEADER_BYTES)
    const sequences = { from: segment.firstSequence, to: segment.firstSequence + lost - 1 }
    onDamage({
      segment: segment.name,
      offset: 0,
      bytes: lost * FRAME_HEADER_BYTES,
      sequences,
      reason: 'unreadable',
    })
    return { last: segment.firstSequence - 1, end: 0, lost }
  } finally {
    await file.close()
  }
}

async function walkFrames(
  file: LogFile,
  segment: Segment,
  onDamage: (damage: LogDamage) => void,
): Promise<WalkedTail> {
  let walked: WalkedTail = { last: segment.firstSequence - 1, end: 0, lost: 0 }
  for await (const found of walkSegment(blockCache(file), 0, 'bodies')) {
    if (found.kind === 'frame') {
      walked = {
        last: Math.max(walked.last, found.header.sequence),
        end: found.offset + found.bytes,
        lost: 0,
      }
      continue
    }
    const lost = Math.max(1, found.magics)
    walked = { ...walked, lost }
    const sequences = { from: walked.last + 1, to: walked.last + lost }
    onDamage({
      segment: segment.name,
      offset: found.offset,
      bytes: found.bytes,
      sequences,
      reason: 'unreadable',
    })
  }
  return walked
}

/** @param end of its last frame; null when damage follows, which stays where it is. */
async function syncSegment(files: LogFiles, name: string, end: number | null): Promise<boolean> {
  try {
    const file = await files.openToWrite(name)
    try {
      // What follows the last frame is space written ahead; without it a later crash cannot leave old bytes behind new ones.
      if (end !== null) await file.truncate(end)
      await file.sync()
      return true
    } finally {
      await file.close()
    }
  } catch {
    // A file that cannot be synced is not written to again; the log goes on in a new one.
    return false
  }
}
