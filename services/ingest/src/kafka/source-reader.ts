// The reader of one data source: finds where it stands, joins its group, hands what comes to the partitions, and begins again whenever it
// ends. It never gives up: a topic that is not there, a broker that is away and a login that is refused may all be mended.
import {
  kafkaAdmin,
  KafkaProblem,
  startTopicReader,
  type FetchedBatch,
  type Steering,
} from '@sandpiper/kafka'

import type { HeldBytes } from './held-bytes.ts'
import type { KafkaDeps } from './kafka-deps.ts'
import type { KafkaNote, KafkaSource, KafkaSourceState } from './kafka-source.ts'
import { type IntakeOwner, PartitionIntake } from './partition-intake.ts'
import { pause, pauseMs } from './patience.ts'
import { type StartPosition, startPositions, streamName } from './start-positions.ts'
import { createTroubles, type Troubles } from './troubles.ts'

const AGAIN_MS_MAX = 10_000
/** How often is told how far we are: to the group, and to those who watch. */
const TELL_MS = 3_000
/** How often is looked at the ends of partitions that give nothing, or are not asked. */
const LOOK_MS = 15_000

type Reader = Awaited<ReturnType<typeof startTopicReader>>

export class SourceReader {
  readonly source: KafkaSource
  private readonly deps: KafkaDeps
  private readonly held: HeldBytes
  private readonly ending = new AbortController()
  private readonly intakes = new Map<number, PartitionIntake>()
  private readonly committed = new Map<number, number>()
  private readonly troubles: Troubles
  private readonly totals = { records: 0, bytes: 0, refused: 0, rebalances: 0 }
  private stream = ''
  private state: 'starting' | 'reading' = 'starting'
  private wasGone = false
  private begun = new AbortController()
  private readonly running: Promise<void>

  constructor(deps: KafkaDeps, source: KafkaSource, held: HeldBytes) {
    this.deps = deps
    this.source = source
    this.held = held
    this.troubles = createTroubles((problem, partition) => {
      this.note({
        kind: problem === null ? 'info' : 'error',
        partition,
        message: problem ?? 'It works again.',
      })
    })
    this.running = this.run()
  }

  view(): KafkaSourceState {
    const error = this.troubles.now()
    return {
      dataSourceId: this.source.dataSourceId,
      state: error === null ? this.state : 'failing',
      error,
      ...this.totals,
      partitions: [...this.intakes.values()]
        .filter((each) => each.isAssigned)
        .map(({ partition, position, end }) => ({
          partition,
          position,
          lag: lagOf(position, end),
        })),
    }
  }

  /** Ends after the frames that are being made. Idempotent. */
  async close(): Promise<void> {
    this.ending.abort()
    this.begun.abort()
    await this.running
  }

  private async run(): Promise<void> {
    const { signal } = this.ending
    await this.deps.positions.known(signal).catch(() => undefined)
    for (let failed = 0; !signal.aborted;) {
      const before = this.totals.records
      try {
        await this.readUntilItEnds()
      } catch (err) {
        if (this.isEnding()) break
        this.deps.counters.failures += 1
        this.troubles.add(-1, err)
      }
      failed = this.totals.records > before ? 1 : failed + 1
      await pause(pauseMs(failed + 2, AGAIN_MS_MAX, this.deps.random), signal)
    }
    await this.letGo()
  }

  private isEnding(): boolean {
    return this.ending.signal.aborted
  }

  /** @throws why it ended, unless it was closed. */
  private async readUntilItEnds(): Promise<void> {
    this.state = 'starting'
    this.begun = new AbortController()
    const { signal } = this.begun
    if (this.isEnding()) return
    await this.findPositions()
    // Closed, or begun anew, while it looked.
    if (signal.aborted) return
    let fail: (problem: Error) => void = () => undefined
    const failed = new Promise<Error>((resolve) => {
      fail = resolve
    })
    const closed = new Promise<null>((resolve) => {
      signal.addEventListener(
        'abort',
        () => {
          resolve(null)
        },
        { once: true },
      )
    })
    const reader = await startTopicReader(
      {
        ...{
          connection: this.source.connection,
          groupId: this.source.groupId,
          topic: this.source.topic,
        },
        ...{
          clientId: 'sandpiper',
          logger: this.deps.logger,
          sessionMs: this.deps.limits.sessionMs,
        },
      },
      {
        assigned: (partitions, steer) => {
          this.assigned(partitions, steer)
        },
        fetched: (batch) => {
          this.fetched(batch)
        },
        failed: fail,
      },
    )
    const timers = this.watch(reader)
    try {
      const problem = await Promise.race([failed, closed])
      if (problem !== null) throw problem
    } finally {
      for (const timer of timers) clearInterval(timer)
      for (const intake of this.intakes.values()) {
        intake.unassign()
        if (intake.told.records > 0) this.noteProgress(intake)
      }
      if (this.isEnding()) await this.finish(reader)
      await reader.close()
    }
  }

  /** What is being made becomes durable, and the group is told. */
  private async finish(reader: Reader): Promise<void> {
    await Promise.all([...this.intakes.values()].map((each) => each.settled()))
    await this.tell(reader)
  }

  private async letGo(): Promise<void> {
    await Promise.all([...this.intakes.values()].map((each) => each.settled()))
  }

  private async findPositions(): Promise<void> {
    const { source, deps } = this
    const admin = kafkaAdmin(source.connection, { clientId: 'sandpiper', logger: deps.logger })
    try {
      this.stream = streamName(source, await admin.clusterId())
      // Frames of the last time are durable, or never will be: only then positions hold.
      await this.letGo()
      const found = await startPositions(deps, source, admin, {
        stream: this.stream,
        wasGone: this.wasGone,
      })
      this.wasGone = false
      for (const each of found) this.begin(each)
    } catch (err) {
      if (isMissing(err)) this.wasGone = true
      throw err
    }
    this.troubles.clear(-1)
  }

  private begin({ position, reason, lost, range }: StartPosition): void {
    const { partition, next } = position
    const intake = this.intakes.get(partition)
    if (intake === undefined) {
      const owner: IntakeOwner = {
        source: this.source,
        stream: this.stream,
        distrusted: () => {
          // Begun anew it looks where partitions begin and end.
          this.begun.abort()
        },
        troubled: (at, problem) => {
          if (problem === null) this.troubles.clear(at)
          else this.troubles.add(at, problem)
        },
      }
      const { signal } = this.ending
      this.intakes.set(
        partition,
        new PartitionIntake(this.deps, owner, this.held, signal, position),
      )
    } else intake.moveTo(position)
    const found = this.intakes.get(partition)
    if (found !== undefined) found.end = range.high
    if (reason === 'known') return
    if (reason !== 'new') this.deps.counters.resets += 1
    this.note({
      kind: reason === 'new' ? 'info' : 'warning',
      partition,
      message: BEGINNINGS[reason](next, lost),
    })
  }

  private assigned(partitions: readonly number[], steer: Steering): void {
    this.deps.counters.rebalances += 1
    this.totals.rebalances += 1
    this.state = 'reading'
    const ours = new Set(partitions)
    for (const intake of this.intakes.values()) if (!ours.has(intake.partition)) intake.unassign()
    for (const partition of partitions) {
      const intake = this.intakes.get(partition)
      if (intake !== undefined) intake.assign(steer)
      else {
        // It came since we looked.
        steer.pause(partition)
        this.begun.abort()
      }
    }
  }

  private fetched(batch: FetchedBatch): void {
    this.intakes.get(batch.partition)?.fetched(batch)
  }

  private watch(reader: Reader): NodeJS.Timeout[] {
    const admin = kafkaAdmin(this.source.connection, {
      clientId: 'sandpiper',
      logger: this.deps.logger,
    })
    const look = async (): Promise<void> => {
      for (const { partition, high } of await admin.ranges(this.source.topic)) {
        const intake = this.intakes.get(partition)
        if (intake !== undefined) intake.end = high
      }
    }
    return [
      setInterval(() => void this.tell(reader), TELL_MS).unref(),
      // Whoever reads finds out by itself that nobody is there.
      setInterval(() => void look().catch(() => undefined), LOOK_MS).unref(),
    ]
  }

  private async tell(reader: Reader): Promise<void> {
    const moved = new Map<number, number>()
    for (const intake of this.intakes.values()) {
      const { partition, position, told } = intake
      if (told.records > 0) this.noteProgress(intake)
      if (intake.isAssigned && this.committed.get(partition) !== position)
        moved.set(partition, position)
    }
    if (moved.size === 0 || !(await reader.commit(moved))) return
    for (const [partition, position] of moved) this.committed.set(partition, position)
  }

  private noteProgress({ partition, position, end, told }: PartitionIntake): void {
    const { records, bytes, refused } = told
    Object.assign(told, { records: 0, bytes: 0, refused: 0 })
    this.totals.records += records
    this.totals.bytes += bytes
    this.totals.refused += refused
    const message = refused === 0 ? '' : `${String(refused)} records are in quarantine.`
    const kind = refused === 0 ? 'info' : 'warning'
    const lag = lagOf(position, end)
    this.note({ kind, partition, lag, records, bytes, refused, committedRecords: records, message })
  }

  private note(note: Pick<KafkaNote, 'kind' | 'partition' | 'message'> & Partial<KafkaNote>): void {
    const counts = { lag: null, records: 0, bytes: 0, committedRecords: 0, refused: 0 }
    this.deps.observer.noted(this.source, { ...counts, ...note })
  }
}

const BEGINNINGS = {
  new: (next: number) => `Reading begins at offset ${String(next)}.`,
  removed: (next: number, lost: number) =>
    `${String(lost)} offsets were removed from the topic before they were read: reading goes on at offset ${String(next)}.`,
  anew: (next: number) =>
    `The topic ends before the position that was reached, so it was made anew or cut off: reading goes on at offset ${String(next)}.`,
}

function isMissing(err: unknown): boolean {
  return err instanceof KafkaProblem && err.kind === 'missing'
}

function lagOf(position: number, end: number | null): number | null {
  return end === null ? null : Math.max(0, end - position)
}
