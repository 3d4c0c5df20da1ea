// One partition of one data source: what was fetched becomes frames, one after the other, each with the position that it moves to.
// Exactly once stands on two rules. What is fetched is taken only when it was asked for at the very offset that is wanted: whatever a
// rebalance, a reset or a late answer brings is asked for again. And the position moves with a durable frame only, in the same write.
import { assert } from '@sandpiper/assert'
import type { NewFrame } from '@sandpiper/eventlog'
import type { FetchedBatch, KafkaRecord, Steering } from '@sandpiper/kafka'
import type { DecodedRow } from '@sandpiper/rows'

import { FrameBody } from './frame-body.ts'
import type { HeldBytes } from './held-bytes.ts'
import type { KafkaDeps } from './kafka-deps.ts'
import type { KafkaSource, RecordDecoder } from './kafka-source.ts'
import { pause, pauseMs } from './patience.ts'
import { RECORD_OVERHEAD_BYTES, WaitingRecords } from './waiting-records.ts'

/** Records that are decoded before other work gets its turn. */
const SLICE_RECORDS = 250
const SLICE_BYTES = 512 * 1024
const RETRY_MS_MAX = 5_000

interface TakenRecords {
  readonly from: number
  next: number
  records: number
  bytes: number
}

/** What an intake is told and tells. */
export interface IntakeOwner {
  readonly source: KafkaSource
  /** Names the topic and the reader in positions. */
  readonly stream: string
  /** What was fetched is not what is wanted, twice: somebody must look where the partition begins and ends. */
  distrusted(partition: number): void
  /** Something does not work, and is tried again. null: it does again. */
  troubled(partition: number, problem: unknown): void
}

export class PartitionIntake {
  readonly partition: number
  /** Everything below is durable in our log, or was nothing for us. */
  position: number
  /** The partition's end, as last seen; null before. */
  end: number | null = null
  /** Since they were last told. */
  readonly told = { records: 0, bytes: 0, refused: 0 }
  private readonly deps: KafkaDeps
  private readonly owner: IntakeOwner
  private readonly held: HeldBytes
  private readonly signal: AbortSignal
  private readonly waiting = new WaitingRecords()
  private epoch: number
  /** The offset that is accepted next: everything below was fetched. */
  private wanted: number
  /** Behind the frame that is being made. */
  private takenUpTo: number
  private steer: Steering | null = null
  private isPaused = false
  private isWorking = false
  private mismatches = 0
  /** After a seek, until what was asked for came. */
  private isSought = false
  private skipSeen = -1
  private readonly idle: (() => void)[] = []
  private readonly hasRoom = (): void => {
    this.resumeWithRoom()
  }

  constructor(
    deps: KafkaDeps,
    owner: IntakeOwner,
    held: HeldBytes,
    signal: AbortSignal,
    start: { readonly partition: number; readonly epoch: number; readonly next: number },
  ) {
    this.deps = deps
    this.owner = owner
    this.held = held
    this.signal = signal
    this.partition = start.partition
    this.epoch = start.epoch
    this.position = this.wanted = this.takenUpTo = start.next
  }

  get isAssigned(): boolean {
    return this.steer !== null
  }

  /** It is ours: reading goes on behind what is here already. */
  assign(steer: Steering): void {
    this.steer = steer
    this.seek()
    if (this.isPaused) steer.pause(this.partition)
    else steer.resume(this.partition)
  }

  /** It is somebody else's for now: what waits is dropped, the frame that is being made is not. */
  unassign(): void {
    this.steer = null
    this.isPaused = false
    this.held.release(this.waiting.clear())
    this.wanted = this.takenUpTo
    if (!this.isWorking) this.owner.troubled(this.partition, null)
  }

  /** The partition begins anew, or elsewhere. Only while nothing is being made. */
  moveTo(position: { readonly epoch: number; readonly next: number }): void {
    this.held.release(this.waiting.clear())
    this.epoch = position.epoch
    this.position = this.wanted = this.takenUpTo = position.next
  }

  /** Asks for what is wanted. */
  seek(): void {
    this.isSought = true
    this.skipSeen = -1
    this.steer?.seek(this.partition, this.wanted)
  }

  /** Resolves when no frame is being made. */
  async settled(): Promise<void> {
    if (this.isWorking) await new Promise<void>((resolve) => this.idle.push(resolve))
  }

  fetched(batch: FetchedBatch): void {
    const { steer } = this
    if (
      steer === null ||
      !(batch.from < 0 ? this.acceptsSkip(batch.next) : this.accepts(batch.from))
    )
      return
    this.isSought = false
    this.mismatches = 0
    this.end = batch.end
    this.wanted = batch.next
    this.held.add(this.waiting.push(batch))
    if (this.waiting.bytes > this.deps.limits.partitionBytesMax || this.held.isFull()) {
      this.isPaused = true
      steer.pause(this.partition)
    }
    void this.work()
  }

  private accepts(from: number): boolean {
    if (from === this.wanted) return true
    this.deps.counters.mismatches += 1
    this.mismatches += 1
    if (this.mismatches > 1) this.owner.distrusted(this.partition)
    else this.seek()
    return false
  }

  /** Nothing for readers up to there: only believed of an answer that was asked for after the last seek, which the second one is. */
  private acceptsSkip(next: number): boolean {
    if (next <= this.wanted) return false
    if (!this.isSought || this.skipSeen === next) return true
    this.seek()
    this.skipSeen = next
    return false
  }

  private async work(): Promise<void> {
    if (this.isWorking) return
    this.isWorking = true
    try {
      while (!this.waiting.isEmpty() && !this.signal.aborted)
        await this.storeFrame().catch((err: unknown) => this.beginAgain(err))
    } finally {
      this.isWorking = false
      for (const resolve of this.idle.splice(0)) resolve()
    }
  }

  /** What was taken and is not durable is fetched again: the decoder is another one, or there is a bug. */
  private async beginAgain(err: unknown): Promise<void> {
    if (this.signal.aborted) return
    if (!(err instanceof DecoderReplaced)) {
      this.owner.troubled(this.partition, err)
      await pause(RETRY_MS_MAX, this.signal)
    }
    const isBehind = this.isAssigned && this.position < this.takenUpTo
    this.moveTo({ epoch: this.epoch, next: this.position })
    this.isPaused = false
    this.seek()
    this.steer?.resume(this.partition)
    // Else the next frame says so, or no frame comes.
    if (!isBehind) this.owner.troubled(this.partition, null)
  }

  /** Makes one frame of what waits, and stays with it until it is durable. */
  private async storeFrame(): Promise<void> {
    const decoder = await this.patiently(() => this.deps.decoderOf(this.owner.source, this.signal))
    const taken = { from: this.position, next: this.position, records: 0, bytes: 0 }
    try {
      const body = await this.decodeWaiting(decoder, taken)
      // What was no row moves the position too: read again after a crash it is no row again.
      if (body.rowCount + body.refusedCount > 0) await this.append(body, decoder, taken)
      else this.position = taken.next
      this.count(body, taken)
    } finally {
      this.held.release(taken.bytes)
    }
    this.owner.troubled(this.partition, null)
    this.resumeWithRoom()
  }

  private async decodeWaiting(decoder: RecordDecoder, taken: TakenRecords): Promise<FrameBody> {
    const body = new FrameBody()
    while (body.chars < this.deps.limits.frameBytesMax) {
      const slice = this.waiting.take(SLICE_RECORDS, SLICE_BYTES)
      if (slice === null) break
      taken.next = this.takenUpTo = slice.next
      taken.records += slice.records.length
      taken.bytes += slice.bytes
      if (slice.records.length > 0) {
        const decoded = await this.patiently(
          () => decodeAll(decoder, slice.records, this.signal),
          decoder,
        )
        for (const row of decoded) body.add(row)
      }
      // Other work gets its turn.
      await new Promise(setImmediate)
    }
    return body
  }

  private async append(
    body: FrameBody,
    decoder: RecordDecoder,
    { from, next }: { from: number; next: number },
  ): Promise<void> {
    const { source, stream } = this.owner
    const { schemaVersion } = decoder
    const { partition, epoch } = this
    const frame: NewFrame = {
      ...{ workspaceId: source.workspaceId, dataSourceId: source.dataSourceId, schemaVersion },
      ...{
        requestId: this.deps.newRequestId(),
        arrivedAtMs: this.deps.now(),
        idempotencyHash: null,
      },
      ...{ rowCount: body.rowCount, refusedCount: body.refusedCount },
      ...{ rows: body.rows(), refused: body.refused() },
    }
    const position = { stream, partition, epoch, from, next }
    await this.patiently(() => this.deps.positions.append({ ...frame, position }), decoder)
    // Before anything else can go wrong: it is durable.
    this.position = next
    this.deps.stored?.(source, frame, body.firstErrors)
  }

  private count(body: FrameBody, { records, bytes: held }: TakenRecords): void {
    const { counters } = this.deps
    const bytes = held - records * RECORD_OVERHEAD_BYTES
    counters.records += records
    counters.bytes += bytes
    counters.rows += body.rowCount
    counters.refused += body.refusedCount
    counters.frames += 1
    this.told.records += records
    this.told.bytes += bytes
    this.told.refused += body.refusedCount
  }

  private resumeWithRoom(): void {
    if (!this.isPaused || this.waiting.bytes > this.deps.limits.partitionBytesMax / 2) return
    // Who holds nothing may fetch once all the same: others may hold what they cannot store for as long as a registry of theirs is away.
    if (this.held.isFull() && !this.waiting.isEmpty()) {
      this.held.whenFree(this.hasRoom)
      return
    }
    this.isPaused = false
    this.steer?.resume(this.partition)
  }

  /**
   * Until it succeeds: nothing may be left out, and what waits is bounded.
   * @param decoder what is attempted is this one's: no longer tried when there is another one.
   * @throws on abort, and DecoderReplaced.
   */
  private async patiently<Result>(
    attempt: () => Result | Promise<Result>,
    decoder: RecordDecoder | null = null,
  ): Promise<Result> {
    for (let failed = 0; ;) {
      this.signal.throwIfAborted()
      try {
        return await attempt()
      } catch (err) {
        this.signal.throwIfAborted()
        failed += 1
        this.deps.counters.retries += 1
        this.owner.troubled(this.partition, err)
        await pause(pauseMs(failed, RETRY_MS_MAX, this.deps.random), this.signal)
      }
      if (decoder !== null && (await this.isReplaced(decoder))) throw new DecoderReplaced()
    }
  }

  /** A deployment changed the columns, or somebody mended the registry's address. Who cannot tell goes on. */
  private async isReplaced(decoder: RecordDecoder): Promise<boolean> {
    return this.deps.decoderOf(this.owner.source, this.signal).then(
      (now) => now !== decoder,
      () => false,
    )
  }
}

/** What is being made was decoded, or waits to be, by rules that hold no more. */
class DecoderReplaced extends Error {}

async function decodeAll(
  decoder: RecordDecoder,
  records: readonly KafkaRecord[],
  signal: AbortSignal,
): Promise<readonly (DecodedRow | null)[]> {
  const decoded = await decoder.decode(records, signal)
  assert(decoded.length === records.length, 'each record becomes something')
  return decoded
}
