// Copies partitions of the log in Kafka to local segments, in their order, for a writer to read as it reads a log on disk. A copy is a
// cache: nothing of it is synced, and each start of a partition makes it anew. Frames whose key came before lose their rows here.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { LogKeys } from '@sandpiper/catalog'
import {
  diskFiles,
  type EventLog,
  type LogFile,
  type LogFiles,
  openEventLog,
} from '@sandpiper/eventlog'
import {
  type FetchedBatch,
  kafkaAdmin,
  startTopicReader,
  type Steering,
  type TopicReader,
} from '@sandpiper/kafka'
import { briefError, type Logger } from '@sandpiper/telemetry'

import type { KafkaLogPlace } from './kafka-log-place.ts'
import type { MirrorCounters } from './mirror-counters.ts'
import { createPartitionCopy, type PartitionCopy } from './partition-copy.ts'

/** A partition's copy that is being made. */
export interface MirroredPartition {
  readonly dir: string
  readonly socketPath: string
  /** Resolves when it cannot go on: it must be begun anew. */
  readonly failed: Promise<void>
  /** Kafka may remove what lies below the sequence. */
  unneeded(sequence: number): void
  stop(): Promise<void>
}

/** Copies of the partitions that this process owns. */
export interface Mirror {
  readonly counters: Readonly<MirrorCounters>
  /** Begins to copy from a sequence on, or from the first that Kafka still has. @param partition from 0. */
  start(partition: number, from: number): Promise<MirroredPartition>
  /** Whether records are being read. */
  isReading(): boolean
  close(): Promise<void>
}

/** How partitions are copied. */
interface MirrorOptions {
  readonly place: KafkaLogPlace
  readonly keys: Pick<LogKeys, 'note'>
  /** How long keys are remembered. Milliseconds. */
  readonly keysMs: number
  /** Folder of the copies. */
  readonly dir: string
  /** Folder of the sockets: their paths have at most 107 bytes. */
  readonly socketDir: string
  /** Unlike that of every other process. */
  readonly groupId: string
  readonly clientId: string
  readonly logger: Logger
}

const READ_AGAIN_MS = 1_000

/** Begins to read. @throws KafkaProblem when the cluster cannot be reached. */
export async function openMirror(options: MirrorOptions): Promise<Mirror> {
  const { place, logger } = options
  const counters: MirrorCounters = { frames: 0, repeated: 0, damaged: 0, lost: 0 }
  const copies = new Map<number, PartitionCopy>()
  const admin = kafkaAdmin(place.connection, options)
  const reading = new Reading(options, copies)

  async function firstThere(partition: number): Promise<number> {
    const ranges = await admin.ranges(place.topic)
    return (ranges.find((each) => each.partition === partition)?.low ?? 0) + 1
  }

  await reading.begin()
  return {
    counters,
    isReading: () => reading.isReading(),
    async start(partition, wanted) {
      const from = Math.max(wanted, await firstThere(partition))
      if (from > wanted) {
        counters.lost += from - wanted
        logger.error({ partition, wanted, from }, 'Kafka no longer has records of the log')
      }
      const { log, dir, socketPath } = await openCopy(options, partition, from)
      const copy = createPartitionCopy({
        ...{ log, partition, from, counters, logger },
        ...{ keys: options.keys, keysMs: options.keysMs },
        onRoom: () => {
          reading.steer(partition)
        },
      })
      copies.set(partition, copy)
      reading.steer(partition)
      return {
        ...{ dir, socketPath, failed: copy.failed },
        unneeded(sequence) {
          admin.deleteRecords(place.topic, partition, sequence - 1).catch((err: unknown) => {
            logger.warn({ err: briefError(err), partition }, 'Kafka keeps records nobody needs')
          })
        },
        async stop() {
          copies.delete(partition)
          reading.steer(partition)
          await copy.stop()
          await log.close()
          await rm(dir, { recursive: true, force: true })
        },
      }
    },
    close: () => reading.close(),
  }
}

/** Reads every partition that has a copy with room, where that copy stands; begins anew when the cluster was away. */
class Reading {
  private readonly options: MirrorOptions
  private readonly copies: ReadonlyMap<number, PartitionCopy>
  private reader: TopicReader | null = null
  private steering: Steering | null = null
  private isClosed = false

  constructor(options: MirrorOptions, copies: ReadonlyMap<number, PartitionCopy>) {
    this.options = options
    this.copies = copies
  }

  isReading(): boolean {
    return this.reader !== null
  }

  steer(partition: number): void {
    const copy = this.copies.get(partition)
    if (this.steering === null) return
    if (copy === undefined || copy.isFull()) this.steering.pause(partition)
    else {
      this.steering.seek(partition, copy.nextOffset())
      this.steering.resume(partition)
    }
  }

  async begin(): Promise<void> {
    const { place, groupId, clientId, logger } = this.options
    const { connection, topic } = place
    const next = await startTopicReader(
      { connection, topic, groupId, clientId, logger, waitMs: 50 },
      {
        assigned: (partitions, steering) => {
          this.steering = steering
          for (const partition of partitions) this.steer(partition)
        },
        fetched: (batch) => {
          this.fetched(batch)
        },
        failed: (err) => {
          this.failed(err)
        },
      },
    )
    if (this.isClosed) await next.close()
    else this.reader = next
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.reader?.close()
  }

  private fetched({ partition, records }: FetchedBatch): void {
    const copy = this.copies.get(partition)
    if (copy === undefined) return
    copy.take(records)
    if (copy.isFull()) this.steering?.pause(partition)
  }

  private failed(err: unknown): void {
    const text = 'the log in Kafka cannot be read and is tried again'
    this.options.logger.warn({ err: briefError(err) }, text)
    this.reader = null
    this.steering = null
    setTimeout(() => {
      if (this.isClosed) return
      this.begin().catch((again: unknown) => {
        this.failed(again)
      })
    }, READ_AGAIN_MS).unref()
  }
}

/** An empty copy that begins with the sequence. */
async function openCopy(
  options: MirrorOptions,
  partition: number,
  from: number,
): Promise<{ log: EventLog; dir: string; socketPath: string }> {
  const dir = join(options.dir, String(partition))
  const socketPath = join(options.socketDir, `mirror-${partition}.sock`)
  await rm(dir, { recursive: true, force: true })
  const log = await openEventLog({
    ...{ dir, socketPath, sequenceAfter: from - 1, files: withoutSync(diskFiles(dir)) },
    queueBytesMax: Number.MAX_SAFE_INTEGER,
    appendBytesMax: 2 * 1024 ** 3,
    keeping: { freeBytesMin: 0 },
  })
  return { log, dir, socketPath }
}

/** Files whose syncs do nothing: what they hold is in Kafka. */
function withoutSync(files: LogFiles): LogFiles {
  const unsynced = async (opening: Promise<LogFile>): Promise<LogFile> => ({
    ...(await opening),
    sync: () => Promise.resolve(),
  })
  return {
    ...files,
    create: (name) => unsynced(files.create(name)),
    openToWrite: (name) => unsynced(files.openToWrite(name)),
    syncNames: () => Promise.resolve(),
  }
}
