// Makes the topic of the log when it is not there. Its records stay until writers say that nobody needs them.
import { fault } from '@sandpiper/faults'
import { kafkaAdmin } from '@sandpiper/kafka'
import type { Logger } from '@sandpiper/telemetry'

import type { KafkaLogPlace } from './kafka-log-place.ts'

const MAX_BYTES = 'max.message.bytes'
/** What Kafka adds to a frame: the head of its batch, and its key. */
const AROUND_FRAME_BYTES = 64 * 1024

/**
 * Tells how many partitions the topic has. @throws KafkaProblem when the cluster is away or refuses | fault `log.unavailable` when a topic
 * that was there takes no frames as large as ours may be.
 */
export async function provideTopic(
  place: KafkaLogPlace,
  options: { readonly clientId: string; readonly logger: Logger },
): Promise<number> {
  const admin = kafkaAdmin(place.connection, options)
  if (!(await admin.topics()).includes(place.topic)) {
    // False when another process made it meanwhile.
    await admin.createTopic(place.topic, place.partitions, {
      'retention.ms': '-1',
      'retention.bytes': '-1',
      'cleanup.policy': 'delete',
      'min.insync.replicas': String(place.minInsyncReplicas),
      [MAX_BYTES]: String(place.frameBytesMax + AROUND_FRAME_BYTES),
      'unclean.leader.election.enable': 'false',
    })
  }
  const partitions = await countPartitions(() => admin.ranges(place.topic))
  checkLargest(place, await admin.topicProperty(place.topic, MAX_BYTES))
  return partitions
}

/** Else large requests would be refused one by one, much later. @param value null: it may not be seen. */
function checkLargest({ topic, frameBytesMax }: KafkaLogPlace, value: string | null): void {
  const needed = frameBytesMax + AROUND_FRAME_BYTES
  if (value === null || Number(value) >= needed) return
  throw fault('log.unavailable', {
    public: `The topic '${topic}' has ${MAX_BYTES}=${value}, and the event log needs ${needed}. Set it, or name another topic.`,
  })
}

/** A topic that was just made has no leaders for a moment. */
async function countPartitions(ranges: () => Promise<readonly unknown[]>): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    try {
      return (await ranges()).length
    } catch (err) {
      if (tries === TRIES_MAX) throw err
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS))
    }
  }
}
const TRIES_MAX = 20
const TRY_AGAIN_MS = 250
