// What is known of a cluster's topics. Each call connects and disconnects: they are seldom, and a connection that nobody uses breaks.
// Written for CommonJS: its names come with the default import only.
import kafkajs from 'kafkajs'
import type { Admin } from 'kafkajs'

import type { Logger } from '@sandpiper/telemetry'

import type { KafkaConnection } from './connection.ts'
import { kafkaClient } from './kafka-client.ts'
import { KafkaProblem, kafkaProblem } from './kafka-error.ts'

/** One partition and the offsets it holds: from `low` to below `high`. */
export interface PartitionRange {
  readonly partition: number
  readonly low: number
  readonly high: number
}

/** What can be asked of a cluster. Each throws KafkaProblem. */
export interface KafkaAdmin {
  /** Names of topics, sorted, without those that the cluster keeps for itself. */
  topics(): Promise<string[]>
  /** The partitions of a topic, by number. `missing` when there is no such topic. */
  ranges(topic: string): Promise<PartitionRange[]>
  /** What a group has committed for a topic, by partition; none where it has nothing. */
  committed(groupId: string, topic: string): Promise<ReadonlyMap<number, number>>
  /** For tests and tools. False when it was there. */
  createTopic(
    topic: string,
    partitions: number,
    config?: Readonly<Record<string, string>>,
  ): Promise<boolean>
  /** The value of one property of a topic, the broker's where it has none of its own; null when the login may not see it. */
  topicProperty(topic: string, name: string): Promise<string | null>
  deleteTopic(topic: string): Promise<void>
  /** Lets the cluster remove the records of a partition below an offset. */
  deleteRecords(topic: string, partition: number, below: number): Promise<void>
  /** The cluster's id, '' when it has none. */
  clusterId(): Promise<string>
}

/** @param connection is connected to anew by each call. */
export function kafkaAdmin(
  connection: KafkaConnection,
  options: { readonly clientId: string; readonly logger: Logger },
): KafkaAdmin {
  async function use<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> {
    const admin = kafkaClient(connection, { ...options, retries: 2 }).admin()
    try {
      await admin.connect()
      return await work(admin)
    } catch (err) {
      throw kafkaProblem(err, connection)
    } finally {
      await admin.disconnect().catch(() => undefined)
    }
  }

  return {
    topics: () =>
      use(async (admin) =>
        (await admin.listTopics()).filter((name) => !name.startsWith('__')).sort(),
      ),
    ranges: (topic) =>
      use(async (admin) => {
        // Asked for by its name, a topic that is not there would be made where brokers allow it.
        if (!(await admin.listTopics()).includes(topic))
          throw new KafkaProblem('missing', `The topic '${topic}' does not exist.`)
        const offsets = await admin.fetchTopicOffsets(topic)
        return offsets
          .map((each) => ({
            partition: each.partition,
            low: Number(each.low),
            high: Number(each.high),
          }))
          .sort((a, b) => a.partition - b.partition)
      }),
    committed: (groupId, topic) =>
      use(async (admin) => {
        const found = await admin.fetchOffsets({ groupId, topics: [topic] })
        const partitions = found.flatMap((each) => each.partitions)
        return new Map(
          partitions
            .map((each) => [each.partition, Number(each.offset)] as const)
            .filter(([, offset]) => offset >= 0),
        )
      }),
    createTopic: (topic, numPartitions, config = {}) =>
      use((admin) => {
        const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
        return admin.createTopics({ topics: [{ topic, numPartitions, configEntries }] })
      }),
    topicProperty: (topic, name) => use((admin) => topicProperty(admin, connection, topic, name)),
    deleteTopic: (topic) => use((admin) => admin.deleteTopics({ topics: [topic] })),
    deleteRecords: (topic, partition, below) =>
      use(async (admin) => {
        // Without it kafkajs does not know the topic yet.
        await admin.fetchTopicOffsets(topic)
        await admin.deleteTopicRecords({
          topic,
          partitions: [{ partition, offset: String(below) }],
        })
      }),
    clusterId: () => use(async (admin) => (await admin.describeCluster()).clusterId),
  }
}

async function topicProperty(
  admin: Admin,
  connection: KafkaConnection,
  topic: string,
  name: string,
): Promise<string | null> {
  try {
    const { resources } = await admin.describeConfigs({
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }],
      includeSynonyms: false,
    })
    const entries = resources[0]?.configEntries ?? []
    return entries.find(({ configName }) => configName === name)?.configValue ?? null
  } catch (err) {
    if (kafkaProblem(err, connection).kind === 'denied') return null
    throw err
  }
}
