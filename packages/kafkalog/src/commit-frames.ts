// Frames go to Kafka in groups: what comes while one request runs makes the next. A frame is acknowledged with the request that wrote it.
// What cannot be written in time is refused, and then it may be there or not.
import { type Fault, fault } from '@sandpiper/faults'
import type { KafkaProducer, NewRecord } from '@sandpiper/kafka'
import { briefError, type Logger } from '@sandpiper/telemetry'

/** A frame as it is written. */
export interface OutgoingFrame {
  readonly partition: number
  readonly key: string
  readonly value: Buffer
}

export interface CommitCounters {
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

export function createFrameCommits(options: CommitOptions): FrameCommits {
  const { logger } = options
  const counts = { frames: 0, bytes: 0, sends: 0, failedSends: 0, queuedBytes: 0 }
  let queue: Waiting[] = []
  let sending: readonly Waiting[] = []
  let producer: KafkaProducer | null = null
  let isRunning = false
  let isHealthy = true
  let isClosed = false
  let whenIdle: () => void = () => undefined

  function answer(waiting: Waiting, how: () => void): void {
    if (waiting.isAnswered) return
    waiting.isAnswered = true
    counts.queuedBytes -= waiting.value.length
    how()
  }

  function refuse(waiting: Waiting): void {
    answer(waiting, () => {
      waiting.reject(away())
    })
  }

  const timer = setInterval(() => {
    const since = performance.now() - options.waitMsMax
    for (const waiting of [...sending, ...queue]) {
      if (waiting.since >= since) continue
      isHealthy = false
      refuse(waiting)
    }
    queue = queue.filter((waiting) => !waiting.isAnswered)
  }, LOOK_EVERY_MS)
  timer.unref()

  async function send(group: readonly Waiting[]): Promise<void> {
    producer ??= await options.connect()
    const records: NewRecord[] = group.map(({ partition, key, value }) => ({
      ...{ partition, key, value },
    }))
    const stored = await producer.send(options.topic, records)
    const next = new Map(stored.map(({ partition, baseOffset }) => [partition, baseOffset]))
    for (const waiting of group) {
      const offset = next.get(waiting.partition) ?? null
      if (offset === null) throw new Error('Kafka did not tell where a frame was stored')
      next.set(waiting.partition, offset + 1)
      counts.frames += 1
      counts.bytes += waiting.value.length
      answer(waiting, () => {
        waiting.resolve(offset + 1)
      })
    }
  }

  async function run(): Promise<void> {
    isRunning = true
    while (queue.length > 0) {
      sending = takeGroup(queue)
      queue = queue.slice(sending.length)
      try {
        counts.sends += 1
        await send(sending)
        isHealthy = true
      } catch (err) {
        isHealthy = false
        counts.failedSends += 1
        logger.warn({ err: briefError(err) }, 'frames could not be written to Kafka')
        for (const waiting of sending) refuse(waiting)
        // What a producer numbers after a failure cannot be trusted: the next one begins anew.
        await producer?.close()
        producer = null
        if (!isClosed) await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS))
      }
      sending = []
    }
    isRunning = false
    whenIdle()
  }

  return {
    add(frame) {
      if (isClosed) return Promise.reject(away())
      if (counts.queuedBytes + frame.value.length > options.queueBytesMax)
        return Promise.reject(queueFull())
      counts.queuedBytes += frame.value.length
      return new Promise((resolve, reject) => {
        queue.push({ ...frame, since: performance.now(), isAnswered: false, resolve, reject })
        if (!isRunning) void run()
      })
    },
    counters: () => ({ ...counts }),
    isHealthy: () => isHealthy,
    async close() {
      isClosed = true
      if (isRunning) await new Promise<void>((resolve) => (whenIdle = resolve))
      clearInterval(timer)
      await producer?.close()
      producer = null
    },
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
