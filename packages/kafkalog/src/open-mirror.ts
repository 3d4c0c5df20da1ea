// Copies partitions of the log in Kafka to local segments, in their order, for a writer to read as it reads a log on disk. A copy is a
// cache: nothing of it is synced, and each start of a partition makes it anew. Frames whose key came before lose their rows here.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { LogKeys } from '@sandpiper/catalog'
import { diskFiles, type LogFile, type LogFiles, openEventLog } from '@sandpiper/eventlog'
import {
  type FetchedBatch,
  kafkaAdmin,
  startTopicReader,
  type Steering,
  type TopicReader,
} from '@sandpiper/kafka'
import { briefError, type Logger } from '@sandpiper/telemetry'

import type { KafkaLogPlace } from './kafka-log-place.ts'
import { createPartitionCopy, type PartitionCopy } from './partition-copy.ts'

/** What was copied since the start. */
export interface MirrorCounters {
  frames: number
  /** Frames whose key an earlier one had. */
  repeated: number
  /** Records that are no frames. */
  damaged: number
  /** Records that Kafka removed before they were copied. */
  lost: number
}

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
  let reader: TopicReader | null = null
  let steering: Steering | null = null
  let isClosed = false

  function steer(partition: number): void {
    const copy = copies.get(partition)
    if (steering === null) return
    if (copy === undefined || copy.isFull()) steering.pause(partition)
    else {
      steering.seek(partition, copy.nextOffset())
      steering.resume(partition)
    }
  }

  const owner = {
    assigned(partitions: readonly number[], from: Steering) {
      steering = from
      for (const partition of partitions) steer(partition)
    },
    fetched({ partition, records }: FetchedBatch) {
      const copy = copies.get(partition)
      if (copy === undefined) return
      copy.take(records)
      if (copy.isFull()) steering?.pause(partition)
    },
    failed(err: unknown) {
      logger.warn({ err: briefError(err) }, 'the log in Kafka cannot be read and is tried again')
      reader = null
      steering = null
      readAgain()
    },
  }

  async function read(): Promise<void> {
    const { connection, topic } = place
    const { groupId, clientId } = options
    const next = await startTopicReader(
      { connection, topic, groupId, clientId, logger, waitMs: 50 },
      owner,
    )
    if (isClosed) await next.close()
    else reader = next
  }

  function readAgain(): void {
    if (isClosed) return
    setTimeout(() => {
      if (isClosed) return
      read().catch((err: unknown) => {
        owner.failed(err)
      })
    }, READ_AGAIN_MS).unref()
  }

  async function firstThere(partition: number): Promise<number> {
    const ranges = await admin.ranges(place.topic)
    return (ranges.find((each) => each.partition === partition)?.low ?? 0) + 1
  }

  await read()
  return {
    counters,
    isReading: () => reader !== null,
    async start(partition, wanted) {
      const from = Math.max(wanted, await firstThere(partition))
      if (from > wanted) {
        counters.lost += from - wanted
        logger.error({ partition, wanted, from }, 'Kafka no longer has records of the log')
      }
      const dir = join(options.dir, String(partition))
      const socketPath = join(options.socketDir, `mirror-${partition}.sock`)
      await rm(dir, { recursive: true, force: true })
      const log = await openEventLog({
        ...{ dir, socketPath, sequenceAfter: from - 1, files: withoutSync(diskFiles(dir)) },
        queueBytesMax: Number.MAX_SAFE_INTEGER,
        appendBytesMax: 2 * 1024 ** 3,
        keeping: { freeBytesMin: 0 },
      })
      const copy = createPartitionCopy({
        ...{ log, partition, from, counters, logger },
        keys: options.keys,
        keysMs: options.keysMs,
        onRoom: () => {
          steer(partition)
        },
      })
      copies.set(partition, copy)
      steer(partition)
      return {
        ...{ dir, socketPath, failed: copy.failed },
        unneeded(sequence) {
          admin.deleteRecords(place.topic, partition, sequence - 1).catch((err: unknown) => {
            logger.warn({ err: briefError(err), partition }, 'Kafka keeps records nobody needs')
          })
        },
        async stop() {
          copies.delete(partition)
          steering?.pause(partition)
          await copy.stop()
          await log.close()
          await rm(dir, { recursive: true, force: true })
        },
      }
    },
    async close() {
      isClosed = true
      await reader?.close()
    },
  }
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
