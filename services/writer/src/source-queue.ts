// Frames of one data source that wait to be loaded: where their bytes stand, never the bytes. Bounded: what does not fit is read
// from the log again when there is room, so a source that cannot advance costs neither memory nor the others' time.
import type { FrameRef } from '@sandpiper/eventlog'
import type { Waiting } from './batcher.ts'

/** The room that all queues share. */
export interface Room {
  /** Whether a queue of this length may grow. */
  has(length: number): boolean
  changed(by: number): void
}

export interface SourceQueue {
  /** Adds a frame that was just scanned; without room it is only remembered as the place to read on from. `owed`: room or not. */
  offer(ref: FrameRef, nowMs: number, need: 'owed' | 'welcome'): void
  /** Adds a frame that was left out before. False when there is no room again. */
  readOn(ref: FrameRef, nowMs: number): boolean
  readonly refs: readonly FrameRef[]
  waiting(): Waiting
  /** Removes the leading `count` frames. */
  drop(count: number): void
  /** Sequence from which frames were left out, else null. While it is set, `offer` leaves out too, to keep the order. */
  leftOutFrom(): number | null
  /** Everything below was read on; null when nothing is left out any more. */
  setLeftOut(from: number | null): void
}

export function createSourceQueue(room: Room): SourceQueue {
  let refs: FrameRef[] = []
  let rows = 0
  let bytes = 0
  /** When each of them was seen. */
  let times: number[] = []
  let leftOut: number | null = null

  function add(ref: FrameRef, nowMs: number, need = 'welcome'): boolean {
    if (need === 'welcome' && !room.has(refs.length)) {
      leftOut = ref.sequence
      return false
    }
    refs.push(ref)
    times.push(nowMs)
    rows += ref.rowCount + ref.refusedCount
    bytes += ref.bytes
    room.changed(1)
    return true
  }

  return {
    offer(ref, nowMs, need) {
      if (leftOut === null) add(ref, nowMs, need)
    },
    readOn: (ref, nowMs) => add(ref, nowMs),
    get refs() {
      return refs
    },
    waiting: () => ({ frames: refs.length, rows, bytes, sinceMs: times[0] ?? 0 }),
    drop(count) {
      const dropped = refs.slice(0, count)
      for (const ref of dropped) {
        rows -= ref.rowCount + ref.refusedCount
        bytes -= ref.bytes
      }
      refs = refs.slice(count)
      times = times.slice(count)
      room.changed(-dropped.length)
    },
    leftOutFrom: () => leftOut,
    setLeftOut(from) {
      leftOut = from
    },
  }
}
