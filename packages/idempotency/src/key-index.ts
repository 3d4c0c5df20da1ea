// The index of keys on disk. It follows the event log: what it holds is always complete up to one sequence, and what is lost above that
// is read from the log again, so no request waits for its sync. Newest keys: in memory and in a journal. Then runs: sorted files that
// never change. A failed write is an error and nothing else. ADR 0012.
import { type Fault, fault } from '@sandpiper/faults'
import { chooseMerge } from './choose-merge.ts'
import { type KeyFiles, diskKeyFiles } from './key-files.ts'
import { KeyJournal } from './key-journal.ts'
import { KeyMarks, markedKeys, markKeys, marksInOrder } from './key-marks.ts'
import type { KeyEntry } from './key-record.ts'
import { HEX_DIGITS } from './key-id.ts'
import type { KeyRetention } from './key-retention.ts'
import type { KeyRun } from './key-run.ts'
import { type Place, placeOf } from './key-place.ts'
import { loadIndex, type LoadedIndex } from './load-index.ts'
import { mergeRuns } from './merge-runs.ts'
import { runRange } from './run-format.ts'
import { steadyClock } from './steady-clock.ts'
import { writeRun } from './write-run.ts'

/** What the index did since it was opened. */
export interface KeyIndexCounters {
  forgottenEarly: number
  expired: number
  failedFlushes: number
  failedReads: number
}

/** Keys that wait to be written; about 250 bytes each. */
const PENDING_MAX = 100_000
/** Keys in memory, when they cannot become a run. */
const RECENT_MAX = 2 * PENDING_MAX
/** Keys of the smallest runs. */
const RUN_KEYS = 32_768
/** Milliseconds between two looks for what is forgotten, and after a merge that failed. */
const TIDY_EVERY_MS = 60_000

/** Where the index is and what it forgets. */
export interface KeyIndexOptions {
  readonly dir: string
  readonly retention: KeyRetention
  /** Unix milliseconds. */
  readonly now: () => number
  /** For tests. The time by which keys are deleted for their age, null while it is not known. Default `now` while it is steady. */
  readonly deletingNow?: () => number | null
  /** Told of a file that cannot be believed and is put aside, where the others are kept. */
  readonly onDamage?: (reason: string) => void
  /** For tests. Default the disk at `dir`. */
  readonly files?: KeyFiles
  /** For tests. Keys of the smallest files. Default 32,768. */
  readonly runKeys?: number
}

/** Opens or makes the index. @throws DamagedIndex when it is not what was written | what the disk throws. */
export async function openKeyIndex(options: KeyIndexOptions): Promise<KeyIndex> {
  const files = options.files ?? diskKeyFiles(options.dir)
  await files.prepare()
  return new KeyIndex(files, await loadIndex(files, options.onDamage ?? (() => undefined)), options)
}

/** One process at a time. */
export class KeyIndex {
  readonly counters: KeyIndexCounters = {
    forgottenEarly: 0,
    expired: 0,
    failedFlushes: 0,
    failedReads: 0,
  }
  private readonly files: KeyFiles
  private readonly options: KeyIndexOptions
  private readonly runKeys: number
  private readonly deletingNow: () => number | null
  private readonly marks: KeyMarks
  private readonly ending = new AbortController()
  /** The oldest first. */
  private runs: readonly KeyRun[]
  private recent: LoadedIndex['recent']
  /** How many of the recent keys are in the journal. */
  private journaled = 0
  private journal: KeyJournal
  private durableUpTo: number
  private seen: number
  private tidying: Promise<void> | null = null
  private tidiedAtMs = 0

  constructor(files: KeyFiles, loaded: LoadedIndex, options: KeyIndexOptions) {
    this.files = files
    this.options = options
    this.runKeys = options.runKeys ?? RUN_KEYS
    this.deletingNow = options.deletingNow ?? steadyClock(options.now, () => performance.now())
    this.runs = loaded.runs
    this.recent = loaded.recent
    this.journal = new KeyJournal(files, loaded.from)
    // What was read of the journal may be in the system's memory only: the next flush writes it anew.
    this.durableUpTo = loaded.runs.at(-1)?.tail.to ?? 0
    this.seen = loaded.upTo
    this.marks = new KeyMarks(options.retention)
    for (const [workspace, mark] of marksInOrder(loaded.runs.map(({ tail }) => tail)))
      this.marks.add(workspace, mark)
    for (const entry of loaded.recent.entries()) this.mark(entry)
    // What was forgotten before is not counted again.
    this.marks.forget(options.now(), this.deletingNow())
  }

  /** Every key of a frame up to here is in the index, durably. */
  upTo(): number {
    return this.durableUpTo
  }

  /** Every key of a frame up to here is in the index, and was once about to be durable. */
  seenUpTo(): number {
    return Math.max(this.seen, this.durableUpTo)
  }

  pendingCount(): number {
    return this.recent.count - this.journaled
  }

  /** Whether no further key should be taken: too many wait for the disk. */
  isFull(): boolean {
    return this.pendingCount() >= PENDING_MAX || this.recent.count >= RECENT_MAX
  }

  /**
   * What is remembered of the key; null when nothing is, or not any more. Only what a file may have is a promise: the file is read.
   * @throws fault `log.unavailable` when it cannot be read: whether the key was used is not known then.
   */
  find(id: string): KeyEntry | null | Promise<KeyEntry | null> {
    const recent = this.recent.get(id)
    if (recent !== null) return this.remembered(recent)
    if (this.runs.length === 0) return null
    const place = placeOf(id)
    const runs = this.runs.filter((run) => run.mayHave(place))
    return runs.length === 0 ? null : this.read(runs, place)
  }

  /** Takes up a key, in the order of the sequences. It is found at once, and durable after the next flush. */
  add(entry: KeyEntry): void {
    if (this.recent.add(entry)) this.mark(entry)
  }

  /**
   * Writes what waits; afterwards the index is complete up to `upTo`. One call at a time.
   * @param upTo every frame with a key up to here was added.
   * @throws fault `log.unavailable` when the disk did not take it: nothing is lost, the next call tries again.
   */
  async flush(upTo: number): Promise<void> {
    this.forget()
    const covered = Math.max(upTo, this.seenUpTo())
    try {
      const end = this.recent.count
      if (end > this.journaled || covered > this.durableUpTo) {
        const { recent: keys, journaled: first } = this
        await this.journal.append({ keys, first, end, upTo: covered })
        this.journaled = end
        this.durableUpTo = covered
      }
      // One that covers nothing is not believed by the next start, and has no name of its own.
      if (this.journaled >= this.runKeys && this.durableUpTo > this.journal.from)
        await this.makeRun()
    } catch (error) {
      this.counters.failedFlushes += 1
      throw fault('log.unavailable', {
        public: 'The idempotency keys could not be written.',
        cause: error,
      })
    }
    // The clock may have been set back.
    if (Math.abs(this.options.now() - this.tidiedAtMs) >= TIDY_EVERY_MS) this.tidy()
  }

  /** Waits until nothing is merged any more; for tests. */
  async settled(): Promise<void> {
    await this.tidying
  }

  async close(): Promise<void> {
    this.ending.abort()
    await this.tidying
    await this.journal.close()
    for (const run of this.runs) run.retire()
  }

  private async read(runs: readonly KeyRun[], place: Place): Promise<KeyEntry | null> {
    const releases = runs.map((run) => run.hold())
    try {
      for (const run of runs.toReversed()) {
        const entry = await run.find(place)
        if (entry !== null) return this.remembered(entry)
      }
      return null
    } catch (error) {
      this.counters.failedReads += 1
      throw unknownKey(error)
    } finally {
      for (const release of releases) release()
    }
  }

  private remembered(entry: KeyEntry): KeyEntry | null {
    const isOld = this.marks.isExpired(entry.arrivedAtMs, this.options.now())
    const workspace = entry.id.slice(0, HEX_DIGITS)
    return isOld || this.marks.isForgotten(workspace, entry.sequence) ? null : entry
  }

  private mark({ id, sequence, arrivedAtMs }: KeyEntry): void {
    this.marks.add(id.slice(0, HEX_DIGITS), [sequence, 1, arrivedAtMs])
  }

  private forget(): void {
    const { expired, early } = this.marks.forget(this.options.now(), this.deletingNow())
    this.counters.expired += expired
    this.counters.forgottenEarly += early
  }

  /** The journal becomes a run. Keys that come meanwhile stay in memory. */
  private async makeRun(): Promise<void> {
    const { recent, journaled, journal, durableUpTo: to } = this
    const run = await writeRun(
      this.files,
      { from: journal.from, to },
      {
        records: recent.records(0, journaled),
        groups: [...recent.groups.list],
        perMark: markKeys(this.options.retention),
      },
    )
    this.runs = [...this.runs, run]
    this.recent = recent.after(journaled)
    this.journaled = 0
    this.journal = new KeyJournal(this.files, to)
    this.tidiedAtMs = 0
    // One that is left over is known by the run that covers it.
    await journal.remove().catch(() => undefined)
  }

  private tidy(): void {
    this.tidiedAtMs = this.options.now()
    // What fails is tried again later: it costs disk, and nobody a key.
    this.tidying ??= this.mergeAll()
      .catch(() => undefined)
      .finally(() => (this.tidying = null))
  }

  private async mergeAll(): Promise<void> {
    for (;;) {
      // While the time is not known nothing is too old.
      const nowMs = this.deletingNow() ?? 0
      const { runs } = this
      const sizes = runs.map(({ tail, isSpoiled }) => ({
        ...{ count: markedKeys(tail), isSpoiled },
        live: this.marks.liveOf(tail.marks, nowMs),
      }))
      const [oldest] = runs
      // The newest stays: it tells how far the index goes.
      if (oldest !== undefined && runs.length > 1 && sizes[0]?.live === 0) {
        await this.drop(oldest)
        continue
      }
      const choice = chooseMerge(sizes, this.runKeys)
      if (choice === null) return
      const former = runs.slice(choice.first, choice.first + choice.length)
      const { marks } = this
      const rules = { marks, perMark: markKeys(this.options.retention), nowMs }
      const merged = await mergeRuns(this.files, former, { ...rules, signal: this.ending.signal })
      await this.replace(former, merged)
    }
  }

  /**
   * The next start must find no gap, whatever fails and whenever the power goes: what lies beside the oldest is gone for good before it
   * goes itself, and it is gone for good before the next one goes. What fails leaves it in the list, for the next time.
   */
  private async drop(oldest: KeyRun): Promise<void> {
    const names = await this.files.names()
    const listed = new Set(this.runs.map(({ name }) => name))
    for (const name of names) {
      const range = runRange(name)
      if (range === null || range.from >= oldest.tail.to || listed.has(name)) continue
      await this.files.remove(name)
    }
    await this.files.syncNames()
    await this.files.remove(oldest.name)
    await this.files.syncNames()
    this.runs = this.runs.filter((run) => run !== oldest)
    oldest.retire()
  }

  private async replace(former: readonly KeyRun[], merged: KeyRun): Promise<void> {
    const first = this.runs.findIndex((run) => run === former[0])
    const behind = this.runs.slice(first + former.length)
    this.runs = [...this.runs.slice(0, first), merged, ...behind]
    for (const run of former) run.retire()
    // What is left over is covered by the merged one, and goes before it.
    for (const { name } of former)
      if (name !== merged.name) await this.files.remove(name).catch(() => undefined)
  }
}

/** Whether the key was used cannot be told now. */
export function unknownKey(cause?: unknown): Fault {
  return fault('log.unavailable', {
    public: 'What is remembered of this Idempotency-Key cannot be read right now. Try again.',
    headers: { 'Retry-After': '1' },
    cause,
  })
}
