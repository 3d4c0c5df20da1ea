// The appending side of a log in Kafka: a topic of a few partitions, each a log of its own. Stateless: any number of processes append.
import type { SharedLogCatalog } from '@sandpiper/catalog'
import { encodeFrame, type EventLog, type NewFrame } from '@sandpiper/eventlog'
import { fault } from '@sandpiper/faults'
import { kafkaAdmin, openKafkaProducer } from '@sandpiper/kafka'
import { briefError, type Logger } from '@sandpiper/telemetry'
import { LRUCache } from 'lru-cache'

import { createFrameCommits } from './commit-frames.ts'
import type { KafkaLogPlace } from './kafka-log-place.ts'
import { partitionOf } from './partition-of.ts'
import { provideTopic } from './provide-topic.ts'

const MIB = 1024 * 1024
const SOURCES_MAX = 100_000
const WRITERS_EVERY_MS = 2_000

/** How a log in Kafka is opened. */
export interface KafkaLogOptions {
  readonly place: KafkaLogPlace
  /** Turns and what is loaded; not closed here. */
  readonly catalog: Pick<
    SharedLogCatalog,
    'turn' | 'loaded' | 'workspaceOf' | 'writers' | 'providePartitions'
  >
  readonly clientId: string
  readonly logger: Logger
  /** Bytes that may wait to be written; default 256 MiB. Above it append rejects with `server.busy`. */
  readonly queueBytesMax?: number
  /** Milliseconds that an append may wait for Kafka; default 5,000. Then it rejects with `log.unavailable`. */
  readonly waitMsMax?: number
}

/** A log in Kafka, as those who append see it. */
export interface KafkaLog extends EventLog {
  /** Whether Kafka took the last frames, or answers now. */
  isReady(): Promise<boolean>
}

/**
 * Opens it, and makes the topic when it is not there. append resolves once every replica in sync has the frame, and rejects with
 * `log.too_large` (413), `server.busy` or `log.unavailable` (503); after a rejection the frame may be in the log or not.
 * @throws KafkaProblem when the cluster cannot be reached | fault `log.unavailable` when the topic is not the one of the catalog.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<KafkaLog> {
  const { place, catalog, logger } = options
  const partitions = await provideTopic(place, options)
  await catalog.providePartitions(partitions)
  const commits = createFrameCommits({
    ...{ topic: place.topic, logger },
    connect: () => openKafkaProducer(place.connection, options),
    queueBytesMax: options.queueBytesMax ?? 256 * MIB,
    waitMsMax: options.waitMsMax ?? 5_000,
  })
  const workspaces = new LRUCache<string, string>({ max: SOURCES_MAX })
  const ends = createEnds(options)
  const writers = watchWriters(catalog, logger)
  let highest = 0

  async function append(frame: NewFrame): Promise<number> {
    const value = encodeFrame(frame)
    if (value.length > place.frameBytesMax) throw tooLarge(place.frameBytesMax)
    workspaces.set(frame.dataSourceId, frame.workspaceId)
    const partition = partitionOf(frame.workspaceId, partitions)
    const sequence = await commits.add({ partition, key: frame.workspaceId, value })
    highest = Math.max(highest, sequence)
    return sequence
  }

  async function workspaceOf(dataSourceId: string): Promise<string | null> {
    const known = workspaces.get(dataSourceId) ?? (await catalog.workspaceOf(dataSourceId))
    if (known !== null) workspaces.set(dataSourceId, known)
    return known
  }

  let closing: Promise<void> | null = null
  return {
    append,
    durable: () => highest,
    durableOf: async (workspaceId) => (await ends()).get(partitionOf(workspaceId, partitions)) ?? 0,
    async loaded(dataSourceId, sequence, signal) {
      const workspaceId = await workspaceOf(dataSourceId)
      // What never had a schema never had a frame.
      if (workspaceId === null) return { kind: 'loaded' }
      const partition = partitionOf(workspaceId, partitions) + 1
      return catalog.loaded({ partition, dataSourceId, sequence }, signal)
    },
    turn: (workspaceId, signal) => catalog.turn(workspaceId, signal),
    writerConnected: () => writers.isAny(),
    noteWriter: () => false,
    onNote: () => undefined,
    space: () => ({
      ...{ logBytes: 0, confirmedBytes: 0, freeBytes: 0, diskBytes: 0, dropped: 0 },
      refusal: null,
    }),
    counters() {
      const { frames, bytes, sends, failedSends, queuedBytes } = commits.counters()
      const nothing = { segments: 0, loadedUpTo: 0 }
      return { frames, bytes, syncs: sends, failedSyncs: failedSends, queuedBytes, ...nothing }
    },
    isReady: async () =>
      commits.isHealthy() ||
      (await ends().then(
        () => true,
        () => false,
      )),
    close: () => {
      writers.close()
      return (closing ??= commits.close())
    },
  }
}

/** Asks where each partition ends: the offset after its last record, which is that record's sequence. */
function createEnds(options: KafkaLogOptions): () => Promise<ReadonlyMap<number, number>> {
  const { place } = options
  const admin = kafkaAdmin(place.connection, options)
  return async () => {
    try {
      const ranges = await admin.ranges(place.topic)
      return new Map(ranges.map(({ partition, high }) => [partition, high]))
    } catch (err) {
      throw fault('log.unavailable', {
        public: 'The event log does not answer right now. Try again.',
        cause: err,
        headers: { 'Retry-After': '1' },
      })
    }
  }
}

/** Whether any writer owns a partition, as it was seen within the last seconds. */
function watchWriters(
  catalog: Pick<SharedLogCatalog, 'writers'>,
  logger: Logger,
): { isAny(): boolean; close(): void } {
  let isAny = true
  const look = (): void => {
    catalog.writers().then(
      (count) => (isAny = count > 0),
      (err: unknown) => {
        logger.warn({ err: briefError(err) }, 'cannot see yet whether a writer is there')
      },
    )
  }
  look()
  const timer = setInterval(look, WRITERS_EVERY_MS)
  timer.unref()
  return {
    isAny: () => isAny,
    close: () => {
      clearInterval(timer)
    },
  }
}

function tooLarge(bytesMax: number): Error {
  return fault('log.too_large', {
    public: `The request has more rows than fit into one append (${bytesMax} bytes). Split it.`,
  })
}
