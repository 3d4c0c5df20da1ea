// Takes up from the log what the index lacks. A part of the log that the disk cannot read now is tried again and again: until then nobody
// knows which keys stand there, so no new key is taken and the index does not pass it.
import type { EventLog, EventLogReader } from '@sandpiper/eventlog'
import type { Logger } from '@sandpiper/telemetry'
import { idOf, readFrameHash } from './key-id.ts'
import type { KeyIndex } from './key-index.ts'

/** Frames with keys between two writes of the index. */
const FLUSH_EVERY = 20_000
const READ_AGAIN_MS = 30_000

interface Deps {
  readonly index: KeyIndex
  readonly log: Pick<EventLog, 'durable'>
  readonly reader: Pick<EventLogReader, 'heads'>
  readonly logger: Logger
  /** For tests. Milliseconds before a part that cannot be read is tried again. Default 30,000. */
  readonly readAgainMs?: number
}

/** @returns once everything was read, or a part of it could not be. */
export async function catchUp(deps: Deps): Promise<CatchUp> {
  const started = new CatchUp(deps)
  await started.start()
  return started
}

export class CatchUp {
  private readonly deps: Deps
  private readonly upTo: number
  private readonly ending = new AbortController()
  private next: number
  private lost = 0
  private withKeys = 0
  private timer: NodeJS.Timeout | null = null
  private isStarting = true
  private running: Promise<void> = Promise.resolve()

  constructor(deps: Deps) {
    this.deps = deps
    this.upTo = deps.log.durable()
    this.next = deps.index.seenUpTo() + 1
  }

  /** The first frame whose key is not known, because the log cannot be read there now; null when there is none. */
  get unread(): number | null {
    return this.next > this.upTo ? null : this.next
  }

  /** Frames that are gone from the log, or damaged there. */
  get lostFrames(): number {
    return this.lost
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.ending.abort()
    if (this.timer !== null) clearTimeout(this.timer)
    await this.running
  }

  async start(): Promise<void> {
    await this.run()
    await this.deps.index.flush(this.next - 1).catch(() => undefined)
    this.isStarting = false
  }

  private async run(): Promise<void> {
    const { logger } = this.deps
    const lostBefore = this.lost
    try {
      await this.read()
    } catch (err) {
      const { unread } = this
      logger.error(
        { err, unread },
        'the event log cannot be searched for idempotency keys: new ones are refused, it is tried again',
      )
      this.timer = setTimeout(() => {
        this.running = this.run()
      }, this.deps.readAgainMs ?? READ_AGAIN_MS).unref()
    }
    if (this.lost > lostBefore)
      logger.error(
        { lostFrames: this.lost },
        'idempotency keys of frames that are gone from the log, or damaged there, are forgotten',
      )
  }

  private async read(): Promise<void> {
    const { index, reader } = this.deps
    const { signal } = this.ending
    if (this.unread === null) return
    for await (const head of reader.heads(this.next, this.upTo, signal)) {
      const { sequence, dataSourceId, rowCount, refusedCount, arrivedAtMs } = head
      const key = readFrameHash(head.idempotencyHash)
      this.passUpTo(sequence - 1)
      if (key !== null) {
        const id = idOf(head.workspaceId, key.keyHash)
        const { bodyHash } = key
        index.add({ id, bodyHash, sequence, dataSourceId, rowCount, refusedCount, arrivedAtMs })
        this.withKeys += 1
      }
      this.next = sequence + 1
      if (key !== null && this.withKeys % FLUSH_EVERY === 0) await this.makeRoom()
    }
    if (!signal.aborted) this.passUpTo(this.upTo)
  }

  /** There is nothing to read up to here. */
  private passUpTo(sequence: number): void {
    this.lost += Math.max(0, sequence + 1 - this.next)
    this.next = Math.max(this.next, sequence + 1)
  }

  /** A full disk keeps nobody from starting: what waits for it is bounded. @throws when too much waits. */
  private async makeRoom(): Promise<void> {
    const { index } = this.deps
    // Later someone else writes it.
    if (this.isStarting) await index.flush(this.next - 1).catch(() => undefined)
    if (index.isFull()) throw new Error('too many keys wait for the disk')
  }
}
