// Makes one run of several that lie beside each other, without the keys that are forgotten. Block by block: what is in memory does not
// grow with the runs.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { KeyFiles } from './key-files.ts'
import { addMark, marksInOrder, type KeyMarks, type Mark } from './key-marks.ts'
import { arrivedAt, groupAt, Groups, RECORD_BYTES, sequenceAt } from './key-record.ts'
import { BLOCK_BYTES, BLOCK_HEAD_BYTES } from './run-format.ts'
import type { KeyRun } from './key-run.ts'
import { createRunWriter, type RunWriter } from './run-writer.ts'
import { compareRecords } from './write-run.ts'

/** Blocks read at a time, per run. */
const READ_BLOCKS = 32
/** Records between two turns of the loop: about a millisecond. */
const RECORDS_PER_TURN = 4_000

export interface MergeRules {
  readonly marks: KeyMarks
  readonly perMark: number
  readonly nowMs: number
  readonly signal: AbortSignal
}

/** @param runs neighbours, the oldest first. @throws DamagedIndex | what the disk throws | the signal's reason. Nothing has changed then. */
export async function mergeRuns(
  files: KeyFiles,
  runs: readonly KeyRun[],
  rules: MergeRules,
): Promise<KeyRun> {
  const range = {
    from: Math.min(...runs.map(({ tail }) => tail.from)),
    to: Math.max(...runs.map(({ tail }) => tail.to)),
  }
  const keysMax = runs.reduce((sum, { tail }) => sum + tail.count, 0)
  // What is forgotten while it is merged stays in it, with its marks.
  const marks = marksOfAll(runs, rules)
  const live = rules.marks.liveOf(marks, rules.nowMs)
  const groups = new Groups()
  const writer = await createRunWriter(files, range, Math.min(keysMax, live))
  try {
    await mergeInto(writer, runs, groups, rules)
    return await writer.finish({ ...range, groups: groups.list, marks })
  } catch (error) {
    await writer.abandon()
    throw error
  }
}

async function mergeInto(
  writer: RunWriter,
  runs: readonly KeyRun[],
  groups: Groups,
  rules: MergeRules,
): Promise<void> {
  const cursors = runs.map((run) => new Cursor(run, groups, rules))
  for (const cursor of cursors) await cursor.next()
  // Runs may overlap.
  const last = Buffer.alloc(RECORD_BYTES)
  for (let taken = 1; ; taken += 1) {
    let least: Cursor | null = null
    for (const cursor of cursors)
      if (!cursor.isDone && (least === null || cursor.isBefore(least))) least = cursor
    if (least === null) return
    if (!least.isAt(last)) {
      if (writer.push(least.bytes, least.at, least.group())) await writer.drain()
      least.bytes.copy(last, 0, least.at, least.at + RECORD_BYTES)
    }
    if (!least.step()) await least.next()
    if (taken % RECORDS_PER_TURN === 0) {
      rules.signal.throwIfAborted()
      await nextTurn()
    }
  }
}

/** The record of a run that is next. */
class Cursor {
  bytes: Buffer = Buffer.alloc(0)
  at = 0
  isDone = false
  private readonly run: KeyRun
  private readonly groups: Groups
  private readonly rules: MergeRules
  /** Per group of the run: what is forgotten, and its number in the new run. */
  private readonly forgottenUpTo: readonly number[]
  private readonly numbers: (number | undefined)[] = []
  private chunkBlock = 0
  private block = -1
  private blockEnd = 0

  constructor(run: KeyRun, groups: Groups, rules: MergeRules) {
    this.run = run
    this.groups = groups
    this.rules = rules
    this.forgottenUpTo = run.tail.groups.map(([workspace]) => rules.marks.forgottenUpTo(workspace))
  }

  isBefore(other: Cursor): boolean {
    return compareRecords(this.bytes, this.at, other.bytes, other.at) < 0
  }

  isAt(record: Buffer): boolean {
    return compareRecords(this.bytes, this.at, record, 0) === 0
  }

  /** The group's number in the new run. */
  group(): number {
    const number = groupAt(this.bytes, this.at)
    return (this.numbers[number] ??= this.groups.numberOf(this.run.tail.groups[number] ?? ['', '']))
  }

  /** Goes to the next record that is remembered in what was read. @returns false when there is none: call `next`. */
  step(): boolean {
    for (this.at += RECORD_BYTES; this.at < this.blockEnd; this.at += RECORD_BYTES)
      if (this.isLive()) return true
    return false
  }

  /** Goes to the first record that is remembered in the following blocks. */
  async next(): Promise<void> {
    for (this.block += 1; this.block < this.run.blocks; this.block += 1) {
      if (this.block % READ_BLOCKS === 0) {
        this.rules.signal.throwIfAborted()
        this.chunkBlock = this.block
        this.bytes = await this.run.read(this.block, READ_BLOCKS)
      }
      const begin = (this.block - this.chunkBlock) * BLOCK_BYTES
      const records = this.run.recordsIn(this.bytes, begin, this.block)
      this.blockEnd = begin + BLOCK_HEAD_BYTES + records * RECORD_BYTES
      this.at = begin + BLOCK_HEAD_BYTES - RECORD_BYTES
      if (this.step()) return
    }
    this.isDone = true
  }

  private isLive(): boolean {
    const upTo = this.forgottenUpTo[groupAt(this.bytes, this.at)] ?? 0
    if (sequenceAt(this.bytes, this.at) <= upTo) return false
    return !this.rules.marks.isExpired(arrivedAt(this.bytes, this.at), this.rules.nowMs)
  }
}

/** The marks of what is remembered. */
function marksOfAll(
  runs: readonly KeyRun[],
  { marks, perMark, nowMs }: MergeRules,
): Record<string, Mark[]> {
  const all = new Map<string, Mark[]>()
  for (const [workspace, mark] of marksInOrder(runs.map(({ tail }) => tail))) {
    if (mark[0] <= marks.forgottenUpTo(workspace) || marks.isExpired(mark[2], nowMs)) continue
    const list = all.get(workspace) ?? []
    all.set(workspace, list)
    addMark(list, mark, perMark)
  }
  return Object.fromEntries(all)
}
