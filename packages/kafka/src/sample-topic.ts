// The newest records of a topic, for a look at it. Reads as a group of its own that commits nothing, so that no other reader notices.
import type { Logger } from '@sandpiper/telemetry'

import type { KafkaConnection } from './connection.ts'
import { kafkaAdmin } from './kafka-admin.ts'
import { KafkaProblem } from './kafka-error.ts'
import type { KafkaRecord } from './kafka-record.ts'
import { startTopicReader, type TopicReader } from './topic-reader.ts'

/** What to look at. */
export interface SampleOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  /** Of a group that nobody else is in. */
  readonly groupId: string
  readonly clientId: string
  readonly logger: Logger
  /** Records at most, of all partitions together. */
  readonly recordsMax: number
  /** Milliseconds after which what came is enough. */
  readonly waitMs: number
}

/** Newest first; none of an empty topic. @throws KafkaProblem. */
export async function sampleTopic(options: SampleOptions): Promise<readonly KafkaRecord[]> {
  const { connection, topic, recordsMax, waitMs } = options
  const ranges = await kafkaAdmin(connection, options).ranges(topic)
  const filled = ranges.filter(({ low, high }) => high > low)
  const wanted = new Map(
    filled.map(({ partition, low, high }) => [
      partition,
      { from: Math.max(low, high - recordsMax), to: high },
    ]),
  )
  if (wanted.size === 0) return []
  const found: KafkaRecord[] = []
  let starting: Promise<TopicReader> | undefined
  let timer: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(resolve, waitMs)
      starting = startTopicReader(options, {
        assigned(partitions, steer) {
          for (const partition of partitions) {
            const range = wanted.get(partition)
            if (range === undefined) steer.pause(partition)
            else steer.seek(partition, range.from)
          }
        },
        fetched({ partition, next, records }) {
          const range = wanted.get(partition)
          if (range === undefined) return
          found.push(...records.filter(({ offset }) => offset < range.to))
          if (next >= range.to) wanted.delete(partition)
          if (wanted.size === 0) resolve()
        },
        failed: reject,
      })
      starting.catch(reject)
    })
  } finally {
    clearTimeout(timer)
    // Also one that came too late.
    await starting?.then((reader) => reader.close()).catch(() => undefined)
  }
  if (found.length === 0)
    throw new KafkaProblem('away', `No record of '${topic}' came within ${String(waitMs)} ms.`)
  return found
    .sort((one, other) => other.timestampMs - one.timestampMs || other.offset - one.offset)
    .slice(0, recordsMax)
}
