// One member of a group that reads one topic. Where it reads is said by its owner, partition by partition; what the group has committed,
// and where kafkajs would go by itself, counts for nothing. Everything here calls the owner at once and waits for nothing of it: between
// an assignment and what the owner says of it nothing is fetched.
import kafkajs from 'kafkajs'
import type { Batch, Consumer, KafkaMessage } from 'kafkajs'

import type { Logger } from '@sandpiper/telemetry'

import { byTopic } from './assign-by-topic.ts'
import type { KafkaConnection } from './connection.ts'
import { kafkaClient } from './kafka-client.ts'
import { type KafkaProblem, kafkaProblem } from './kafka-error.ts'
import type { KafkaRecord } from './kafka-record.ts'

/** Records of one partition, one after the other. */
export interface FetchedBatch {
  readonly partition: number
  /** The offset that was asked for; the first record may have a higher one, where the topic has gaps. */
  readonly from: number
  /** The first offset that this batch says nothing of. */
  readonly next: number
  /** The partition's end when it was fetched. */
  readonly end: number
  /** None when it held only what is not for readers, such as records of transactions that were taken back. */
  readonly records: readonly KafkaRecord[]
}

/** Who owns a reader. None of these may throw. */
export interface ReaderOwner {
  /** The partitions that are ours from now on, after each rebalance; seek or pause each before this returns. Also called before `startTopicReader` resolves. */
  assigned(partitions: readonly number[], steer: Steering): void
  fetched(batch: FetchedBatch): void
  /** It ended by itself and was closed; it does not come back. */
  failed(problem: KafkaProblem): void
}

/** Says where is read, and whether. Never throws: of a reader that is ending nothing happens. */
export interface Steering {
  /** The next fetch of the partition begins there; what was fetched and not handed over is dropped. */
  seek(partition: number, offset: number): void
  pause(partition: number): void
  resume(partition: number): void
}

/** Which topic, as whom. */
export interface TopicReaderOptions {
  readonly connection: KafkaConnection
  readonly groupId: string
  readonly topic: string
  readonly clientId: string
  readonly logger: Logger
  /** Milliseconds a broker waits for records before it answers without any, and a paused reader before it looks again. Default 100. */
  readonly waitMs?: number
  /** Bytes of one answer, about. Default 8 MiB, and 1 MiB of each partition; one larger record comes all the same. */
  readonly bytesMax?: number
  /** Milliseconds after which the group goes on without a member that is silent. Default 10,000. */
  readonly sessionMs?: number
}

/** A member of a group. */
export interface TopicReader extends Steering {
  /** Tells the group how far we are, for those who look at its lag. Never rejects: false when it could not be told. */
  commit(offsets: ReadonlyMap<number, number>): Promise<boolean>
  /** Leaves the group. Idempotent. */
  close(): Promise<void>
}

const PARTITION_BYTES_MAX = 1024 * 1024
const BYTES_MAX = 8 * 1024 * 1024

/** Joins the group; resolves when it was asked to. @throws KafkaProblem when the cluster cannot be reached at all. */
export async function startTopicReader(
  options: TopicReaderOptions,
  owner: ReaderOwner,
): Promise<TopicReader> {
  const { connection, groupId, topic, sessionMs = 10_000 } = options
  const consumer = kafkaClient(connection, options).consumer({
    groupId,
    partitionAssigners: [byTopic, kafkajs.PartitionAssigners.roundRobin],
    sessionTimeout: sessionMs,
    rebalanceTimeout: sessionMs,
    heartbeatInterval: Math.min(1_000, sessionMs / 4),
    maxWaitTimeInMs: options.waitMs ?? 100,
    maxBytesPerPartition: PARTITION_BYTES_MAX,
    maxBytes: options.bytesMax ?? BYTES_MAX,
    metadataMaxAge: 60_000,
    allowAutoTopicCreation: false,
    // The owner decides when to try again: kafkajs would do so at once and for ever.
    retry: {
      initialRetryTime: 200,
      maxRetryTime: 1_000,
      retries: 4,
      restartOnFailure: () => Promise.resolve(false),
    },
  })
  let isClosed = false
  const close = async (): Promise<void> => {
    isClosed = true
    await consumer.disconnect().catch(() => undefined)
  }
  const steer = steering(consumer, options, () => isClosed)
  const open: Listeners = {
    assigned: (partitions) => {
      if (!isClosed) owner.assigned(partitions, steer)
    },
    fetched: (batch) => {
      if (!isClosed) owner.fetched(batch)
    },
    failed: (problem) => {
      if (isClosed) return
      isClosed = true
      owner.failed(problem)
    },
  }
  listen(consumer, options, open)
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await run(consumer, topic, open.fetched)
  } catch (err) {
    await close()
    throw kafkaProblem(err, connection)
  }
  return { ...steer, commit: (offsets) => commit(consumer, topic, offsets), close }
}

/** A consumer that crashed refuses all three before it says that it has: `failed` follows. */
function steering(
  consumer: Consumer,
  { topic, logger }: TopicReaderOptions,
  isClosed: () => boolean,
): Steering {
  const unlessGone = (steered: () => void): void => {
    if (isClosed()) return
    try {
      steered()
    } catch (err) {
      logger.debug({ err }, 'a reader that is ending cannot be steered')
    }
  }
  return {
    seek: (partition, offset) => {
      unlessGone(() => {
        consumer.seek({ topic, partition, offset: String(offset) })
      })
    },
    pause: (partition) => {
      unlessGone(() => {
        consumer.pause([{ topic, partitions: [partition] }])
      })
    },
    resume: (partition) => {
      unlessGone(() => {
        consumer.resume([{ topic, partitions: [partition] }])
      })
    },
  }
}

interface Listeners {
  readonly assigned: (partitions: readonly number[]) => void
  readonly fetched: (batch: FetchedBatch) => void
  readonly failed: (problem: KafkaProblem) => void
}

function listen(consumer: Consumer, options: TopicReaderOptions, to: Listeners): void {
  const { topic, connection } = options
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    to.assigned(payload.memberAssignment[topic] ?? [])
  })
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    to.failed(kafkaProblem(payload.error, connection))
  })
  // Batches without a record for us are not handed over, but they are how a reader gets past them.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize > 0 || payload.topic !== topic) return
    const next = Number(payload.lastOffset) + 1
    const { partition, highWatermark } = payload
    to.fetched({ partition, from: -1, next, end: Number(highWatermark), records: [] })
  })
}

async function run(
  consumer: Consumer,
  topic: string,
  fetched: (batch: FetchedBatch) => void,
): Promise<void> {
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 1,
    eachBatch: (payload) => {
      const { batch } = payload
      const last = batch.messages.at(-1)
      if (payload.isStale() || last === undefined) return Promise.resolve()
      payload.resolveOffset(last.offset)
      fetched({
        partition: batch.partition,
        from: Number((batch as Batch & { fetchedOffset: string }).fetchedOffset),
        next: Number(batch.lastOffset()) + 1,
        end: Number(batch.highWatermark),
        records: batch.messages.map((message) => recordOf(topic, batch.partition, message)),
      })
      return Promise.resolve()
    },
  })
}

const NO_HEADERS: KafkaRecord['headers'] = []

function recordOf(topic: string, partition: number, message: KafkaMessage): KafkaRecord {
  return {
    ...{ topic, partition, offset: Number(message.offset) },
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: headersOf(message.headers),
  }
}

/** Kept in order of their names' first coming: the client gives a name that came twice as a list. */
function headersOf(headers: KafkaMessage['headers']): KafkaRecord['headers'] {
  if (headers === undefined) return NO_HEADERS
  const found: (readonly [string, Buffer])[] = []
  for (const name in headers) {
    const value = headers[name]
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined) found.push([name, Buffer.isBuffer(each) ? each : Buffer.from(each)])
  }
  return found.length === 0 ? NO_HEADERS : found
}

async function commit(
  consumer: Consumer,
  topic: string,
  offsets: ReadonlyMap<number, number>,
): Promise<boolean> {
  try {
    await consumer.commitOffsets(
      [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
    )
    return true
  } catch {
    return false
  }
}
