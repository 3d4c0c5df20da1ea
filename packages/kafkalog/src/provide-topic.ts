// Makes the topic of the log when it is not there. Its records stay until writers say that nobody needs them.
import { kafkaAdmin } from '@sandpiper/kafka'
import type { Logger } from '@sandpiper/telemetry'

import type { KafkaLogPlace } from './kafka-log-place.ts'

/** Tells how many partitions the topic has. @throws KafkaProblem when the cluster is away or refuses. */
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
      'max.message.bytes': String(place.frameBytesMax + 64 * 1024),
      'unclean.leader.election.enable': 'false',
    })
  }
  return countPartitions(() => admin.ranges(place.topic))
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
