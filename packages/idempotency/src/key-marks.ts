// Which keys of a workspace are forgotten: everything up to a sequence. Each mark stands for some keys in a row, so that forgetting a
// million keys moves a number.
import type { KeyRetention } from './key-retention.ts'
import { arrivedAt, type Group, groupAt, RECORD_BYTES, sequenceAt } from './key-record.ts'

/** Keys of one workspace in a row: the last one's sequence, how many, and the latest arrival (Unix milliseconds). */
export type Mark = readonly [last: number, count: number, arrivedAtMs: number]

/** Keys of a part of the event log: behind `from` up to and with `to`. */
interface MarkedRange {
  readonly from: number
  readonly to: number
  readonly marks: Readonly<Record<string, readonly Mark[]>>
}

interface Line {
  /** The oldest first; those before `first` are forgotten. */
  marks: Mark[]
  first: number
  live: number
  forgottenUpTo: number
}

/** Keys of one mark: what a workspace may have beyond its number of keys. */
const MARK_KEYS_MAX = 1_024

export function markKeys({ keysMax }: KeyRetention): number {
  return Math.min(MARK_KEYS_MAX, Math.ceil(keysMax / 64))
}

export class KeyMarks {
  private readonly retention: KeyRetention
  private readonly perMark: number
  private readonly lines = new Map<string, Line>()

  constructor(retention: KeyRetention) {
    this.retention = retention
    this.perMark = markKeys(retention)
  }

  add(workspace: string, mark: Mark): void {
    const line = this.lines.get(workspace) ?? { marks: [], first: 0, live: 0, forgottenUpTo: 0 }
    this.lines.set(workspace, line)
    // The marks that are forgotten stay as they are.
    line.live += addMark(line.marks, mark, line.marks.length > line.first ? this.perMark : 0)
  }

  isForgotten(workspace: string, sequence: number): boolean {
    return sequence <= this.forgottenUpTo(workspace)
  }

  /** The sequence up to which a workspace's keys are forgotten, for having too many or for their age. */
  forgottenUpTo(workspace: string): number {
    return this.lines.get(workspace)?.forgottenUpTo ?? 0
  }

  /** Whether keys that arrived then are too old. */
  isExpired(arrivedAtMs: number, nowMs: number): boolean {
    return arrivedAtMs <= nowMs - this.retention.ageMsMax
  }

  /** How many keys of a run are still remembered, about. */
  liveOf(marks: Readonly<Record<string, readonly Mark[]>>, nowMs: number): number {
    let live = 0
    for (const [workspace, list] of Object.entries(marks)) {
      const upTo = this.forgottenUpTo(workspace)
      for (const [last, count, arrivedAtMs] of list)
        if (last > upTo && !this.isExpired(arrivedAtMs, nowMs)) live += count
    }
    return live
  }

  /**
   * @param deletingMs the time by which keys are forgotten for their age; null: none is.
   * @returns how many were forgotten now.
   */
  forget(nowMs: number, deletingMs: number | null): { expired: number; early: number } {
    let expired = 0
    let early = 0
    for (const [workspace, line] of this.lines) {
      for (;;) {
        const mark = line.marks[line.first]
        if (mark === undefined) break
        const isOld = deletingMs !== null && this.isExpired(mark[2], deletingMs)
        if (!isOld && line.live - mark[1] < this.retention.keysMax) break
        if (this.isExpired(mark[2], nowMs)) expired += mark[1]
        else early += mark[1]
        line.live -= mark[1]
        line.first += 1
        line.forgottenUpTo = Math.max(line.forgottenUpTo, mark[0])
      }
      if (line.first === line.marks.length) this.lines.delete(workspace)
      else if (line.first > line.marks.length / 2) {
        line.marks = line.marks.slice(line.first)
        line.first = 0
      }
    }
    return { expired, early }
  }
}

/** The marks of records that lie in the order of their sequences. */
export function marksOf(
  records: Buffer,
  groups: readonly Group[],
  perMark: number,
): Record<string, Mark[]> {
  const lists = new Map<string, Mark[]>()
  for (let at = 0; at < records.length; at += RECORD_BYTES) {
    const [workspace] = groups[groupAt(records, at)] ?? ['']
    const list = lists.get(workspace) ?? []
    lists.set(workspace, list)
    addMark(list, [sequenceAt(records, at), 1, arrivedAt(records, at)], perMark)
  }
  return Object.fromEntries(lists)
}

/**
 * Adds a mark behind the others: to the last one, unless that would stand for too many keys. What stands there already is not counted
 * again: files may overlap, and frames be read from the log once more.
 * @returns how many keys were added.
 */
export function addMark(marks: Mark[], [last, count, arrivedAtMs]: Mark, perMark: number): number {
  const before = marks.at(-1)
  if (before !== undefined && last <= before[0]) return 0
  if (before === undefined || before[1] + count > perMark) marks.push([last, count, arrivedAtMs])
  else marks[marks.length - 1] = [last, before[1] + count, Math.max(before[2], arrivedAtMs)]
  return count
}

/** How many keys the marks of a file stand for. */
export function markedKeys({ marks }: Pick<MarkedRange, 'marks'>): number {
  return Object.values(marks).reduce(
    (sum, list) => sum + list.reduce((keys, [, count]) => keys + count, 0),
    0,
  )
}

/** The marks of files, the oldest first, by workspace. Where files overlap a key counts once, or not at all: none is forgotten for that. */
export function* marksInOrder(
  tails: readonly MarkedRange[],
): Generator<readonly [workspace: string, mark: Mark]> {
  let covered = 0
  // A file may have keys above what it covers: after a crash they are in the next one too.
  const lasts = new Map<string, number>()
  for (const { from, to, marks } of tails) {
    for (const [workspace, list] of Object.entries(marks)) {
      const counted = Math.max(covered, lasts.get(workspace) ?? 0)
      // It may stand for keys before and behind.
      let isFirst = from < counted
      for (const [last, count, arrivedAtMs] of list) {
        if (last <= counted) continue
        yield [workspace, [last, isFirst ? 1 : count, arrivedAtMs]]
        isFirst = false
        lasts.set(workspace, last)
      }
    }
    covered = Math.max(covered, to)
  }
}
