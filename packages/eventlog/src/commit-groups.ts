// Group commit: while one sync runs, frames queue; all of them go into the next write and sync. One sync in flight, a bounded queue.
import { setImmediate as nextTick, setTimeout as sleep } from 'node:timers/promises'
import { type Fault, fault } from '@sandpiper/faults'
import type { PreparedFrame } from './frame-buffers.ts'
import type { SegmentWriter } from './segment-writer.ts'

/** Bytes of one group; keeps the memory of one write and the wait of its last frame bounded. */
const GROUP_BYTES_MAX = 16 * 1024 * 1024
/** Frames of one group: writing their heads and answering those who wait is work of a few milliseconds. */
const GROUP_FRAMES_MAX = 256

/** From so many frames a group on, those to come are many: the next group gathers for a moment, and its sync is shared by more. */
const BUSY_FRAMES = 8
const GATHER_MS = 1

/** A queue that answers with the frame's sequence once it is durable. */
export interface CommitGroups {
  /** @param bytes of the frame on disk, at most. @throws what SegmentWriter.write throws for the group the frame was in. */
  add(prepared: PreparedFrame, bytes: number): Promise<number>
  /** Resolves when everything added before is answered; later frames are refused. */
  close(): Promise<void>
}

interface Waiting {
  readonly prepared: PreparedFrame
  readonly bytes: number
  resolve(sequence: number): void
  reject(error: unknown): void
}

interface Told {
  /** After each sync: the highest durable sequence. */
  onDurable(sequence: number, frames: number, bytes: number): void
  /** For each frame, just before its answer: the bytes it was added with. */
  onAnswered(bytes: number): void
}

export function createCommitGroups(writer: SegmentWriter, told: Told): CommitGroups {
  let queue: Waiting[] = []
  let running: Promise<void> | null = null
  let isClosed = false

  async function run(): Promise<void> {
    // Frames of the same turn of the loop share the first sync.
    await nextTick()
    while (queue.length > 0) {
      const left = Number.MAX_SAFE_INTEGER - writer.durable()
      if (left <= 0) {
        refuseAll()
        continue
      }
      const count = groupSize(queue, writer.room(), left)
      if (count === 0) {
        await writer.leave()
        continue
      }
      const group = queue.slice(0, count)
      queue = queue.slice(count)
      await commit(group, writer, told)
      if (count >= BUSY_FRAMES && count < GROUP_FRAMES_MAX && !isClosed) await sleep(GATHER_MS)
    }
    running = null
  }

  /** Two frames of one sequence would be one to every reader: better none than those. */
  function refuseAll(): void {
    const refused = queue
    queue = []
    rejectAll(refused, usedUp(), told)
  }

  return {
    add(prepared, bytes) {
      if (isClosed) {
        told.onAnswered(bytes)
        return Promise.reject(stopping())
      }
      return new Promise((resolve, reject) => {
        queue.push({ prepared, bytes, resolve, reject })
        running ??= run()
      })
    },
    async close() {
      isClosed = true
      await running
    },
  }
}

async function commit(group: readonly Waiting[], writer: SegmentWriter, told: Told): Promise<void> {
  try {
    const { bytes } = await writer.write(group.map((waiting) => waiting.prepared))
    const last = writer.durable()
    told.onDurable(last, group.length, bytes)
    let sequence = last - group.length
    for (const waiting of group) {
      sequence += 1
      told.onAnswered(waiting.bytes)
      waiting.resolve(sequence)
    }
  } catch (error) {
    rejectAll(group, error, told)
  }
}

function rejectAll(group: readonly Waiting[], error: unknown, told: Told): void {
  for (const waiting of group) {
    told.onAnswered(waiting.bytes)
    waiting.reject(error)
  }
}

/** How many frames from the front go together; 0 when the first does not fit into the room of this segment. */
function groupSize(queue: readonly Waiting[], room: number, left: number): number {
  let bytes = 0
  let count = 0
  for (const waiting of queue) {
    bytes += waiting.bytes
    if (bytes > room || (count > 0 && bytes > GROUP_BYTES_MAX)) break
    count += 1
    if (count === GROUP_FRAMES_MAX || count === left) break
  }
  return count
}

function stopping(): Fault {
  return fault('log.unavailable', {
    public: 'The server is stopping.',
    headers: { 'Retry-After': '1' },
  })
}

function usedUp(): Fault {
  return fault('log.unavailable', {
    public: 'The event log has given its last sequence, 2^53 - 1: it takes no further events.',
    headers: { 'Retry-After': '3600' },
  })
}
