// Frames go to Kafka in groups: what comes while one request runs makes the next. A frame is acknowledged with the request that wrote it.
// What cannot be written in time is refused, and then it may be there or not.
import { type Fault, fault } from '@sandpiper/faults'
import type { KafkaProducer, NewRecord } from '@sandpiper/kafka'
import { briefError, type Logger } from '@sandpiper/telemetry'

/** A frame as it is written. */
interface OutgoingFrame {
  readonly partition: number
  readonly key: string
  readonly value: Buffer
}

interface CommitCounters {
  readonly frames: number
  readonly bytes: number
  readonly sends: number
  readonly failedSends: number
  readonly queuedBytes: number
}

export interface FrameCommits {
  /** Resolves with the frame's sequence in its partition: its offset and 1. @throws fault `server.busy` | `log.unavailable` (503). */
  add(frame: OutgoingFrame): Promise<number>
  counters(): CommitCounters
  /** Whether the last frames were written in time. */
  isHealthy(): boolean
  /** Writes what was accepted, within the time that frames may wait. */
  close(): Promise<void>
}

interface CommitOptions {
  readonly topic: string
  /** Connects; called again after each failure. */
  readonly connect: () => Promise<KafkaProducer>
  readonly logger: Logger
  /** Bytes that may wait. */
  readonly queueBytesMax: number
  /** Milliseconds a frame may wait to be written. */
  readonly waitMsMax: number
}

interface Waiting extends OutgoingFrame {
  readonly since: number
  isAnswered: boolean
  resolve(sequence: number): void
  reject(err: Fault): void
}

const GROUP_BYTES_MAX = 8 * 1024 * 1024
const GROUP_FRAMES_MAX = 2_000
const LOOK_EVERY_MS = 250
const RECONNECT_MS = 500

/** Nothing is connected yet. */
export function createFrameCommits(options: CommitOptions): FrameCommits {
  return new Commits(options)
}

class Commits implements FrameCommits {
  private readonly options: CommitOptions
  private readonly counts = { frames: 0, bytes: 0, sends: 0, failedSends: 0, queuedBytes: 0 }
  private readonly timer: NodeJS.Timeout
  private queue: Waiting[] = []
  private sending: readonly Waiting[] = []
  private producer: KafkaProducer | null = null
  private running: Promise<void> | null = null
  private inTime = true
  private isClosed = false

  constructor(options: CommitOptions) {
    this.options = options
    this.timer = setInterval(() => {
      this.refuseLate()
    }, LOOK_EVERY_MS)
    this.timer.unref()
  }

  add(frame: OutgoingFrame): Promise<number> {
    if (this.isClosed) return Promise.reject(away())
    if (this.counts.queuedBytes + frame.value.length > this.options.queueBytesMax)
      return Promise.reject(queueFull())
    this.counts.queuedBytes += frame.value.length
    return new Promise((resolve, reject) => {
      this.queue.push({ ...frame, since: performance.now(), isAnswered: false, resolve, reject })
      this.running ??= this.run()
    })
  }

  counters(): CommitCounters {
    return { ...this.counts }
  }

  isHealthy(): boolean {
    return this.inTime
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.running
    clearInterval(this.timer)
    await this.producer?.close()
    this.producer = null
  }

  private answer(waiting: Waiting, how: () => void): void {
    if (waiting.isAnswered) return
    waiting.isAnswered = true
    this.counts.queuedBytes -= waiting.value.length
    how()
  }

  private refuse(waiting: Waiting): void {
    this.answer(waiting, () => {
      waiting.reject(away())
    })
  }

  private refuseLate(): void {
    const since = performance.now() - this.options.waitMsMax
    for (const waiting of [...this.sending, ...this.queue]) {
      if (waiting.since >= since) continue
      this.inTime = false
      this.refuse(waiting)
    }
    this.queue = this.queue.filter((waiting) => !waiting.isAnswered)
  }

  private async run(): Promise<void> {
    while (this.queue.length > 0) {
      this.sending = takeGroup(this.queue)
      this.queue = this.queue.slice(this.sending.length)
      try {
        this.counts.sends += 1
        await this.send(this.sending)
        this.inTime = true
      } catch (err) {
        await this.sendFailed(err)
      }
      this.sending = []
    }
    this.running = null
  }

  private async send(group: readonly Waiting[]): Promise<void> {
    this.producer ??= await this.options.connect()
    const records: NewRecord[] = group.map(({ partition, key, value }) => ({
      ...{ partition, key, value },
    }))
    const stored = await this.producer.send(this.options.topic, records)
    const next = new Map(stored.map(({ partition, baseOffset }) => [partition, baseOffset]))
    for (const waiting of group) {
      const offset = next.get(waiting.partition) ?? null
      if (offset === null) throw new Error('Kafka did not tell where a frame was stored')
      next.set(waiting.partition, offset + 1)
      this.counts.frames += 1
      this.counts.bytes += waiting.value.length
      this.answer(waiting, () => {
        waiting.resolve(offset + 1)
      })
    }
  }

  private async sendFailed(err: unknown): Promise<void> {
    this.inTime = false
    this.counts.failedSends += 1
    this.options.logger.warn({ err: briefError(err) }, 'frames could not be written to Kafka')
    for (const waiting of this.sending) this.refuse(waiting)
    // What a producer numbers after a failure cannot be trusted: the next one begins anew.
    await this.producer?.close()
    this.producer = null
    if (!this.isClosed) await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS))
  }
}

function takeGroup(queue: readonly Waiting[]): readonly Waiting[] {
  let bytes = 0
  const end = queue.findIndex((waiting, index) => {
    bytes += waiting.value.length
    return index > 0 && (bytes > GROUP_BYTES_MAX || index >= GROUP_FRAMES_MAX)
  })
  return end === -1 ? queue : queue.slice(0, end)
}

function away(): Fault {
  return fault('log.unavailable', {
    public: 'Events cannot be stored right now. Try again.',
    headers: { 'Retry-After': '1' },
  })
}

function queueFull(): Fault {
  return fault('server.busy', {
    public: 'Too many events are waiting to be stored. Try again.',
    headers: { 'Retry-After': '1' },
  })
}
