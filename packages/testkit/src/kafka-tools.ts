// What tests do with a broker beside the product: topics, records, and a member of a group that comes and goes.
import { randomUUID } from 'node:crypto'

import {
  kafkaAdmin,
  openKafkaProducer,
  startTopicReader,
  type KafkaAdmin,
  type NewRecord,
} from '@sandpiper/kafka'
import { createLogger } from '@sandpiper/telemetry'

/** Tools of one cluster. */
export interface KafkaTools {
  readonly admin: KafkaAdmin
  /** Resolves when every replica has the records. Tries again while the broker is away, so that a record may be there twice. */
  produce(topic: string, records: readonly NewRecord[]): Promise<void>
  /** Joins a group as a client that reads nothing of worth. @returns what leaves it again. */
  join(groupId: string, topic: string): Promise<() => Promise<void>>
  /** Everything a topic holds, by partition: values by offset. */
  readAll(topic: string): Promise<ReadonlyMap<number, ReadonlyMap<number, string>>>
  close(): Promise<void>
}

/** @param bootstrap `host:port`, PLAINTEXT. */
export function kafkaTools(bootstrap: string): KafkaTools {
  const connection = { bootstrapServers: [bootstrap], tls: null, sasl: null }
  const options = {
    clientId: 'tests',
    logger: createLogger({ service: 'tests', level: 'silent' }),
  }
  let opening: ReturnType<typeof openKafkaProducer> | null = null
  return {
    admin: kafkaAdmin(connection, options),
    async produce(topic, records) {
      const producer = await (opening ??= openKafkaProducer(connection, options))
      await producer.send(topic, records)
    },
    async join(groupId, topic) {
      const reader = await startTopicReader(
        { ...options, connection, groupId, topic, sessionMs: 6_000 },
        {
          assigned: (partitions, steer) => {
            for (const partition of partitions) steer.pause(partition)
          },
          fetched: () => undefined,
          failed: () => undefined,
        },
      )
      return () => reader.close()
    },
    async readAll(topic) {
      const ranges = await kafkaAdmin(connection, options).ranges(topic)
      const found = new Map(ranges.map(({ partition }) => [partition, new Map<number, string>()]))
      const left = new Map(ranges.map(({ partition, low, high }) => [partition, high - low]))
      let end: () => void = () => undefined
      let fail: (reason: Error) => void = () => undefined
      const done = new Promise<void>((resolve, reject) => ([end, fail] = [resolve, reject]))
      const check = (): void => {
        if ([...left.values()].every((count) => count <= 0)) end()
      }
      const reader = await startTopicReader(
        { ...options, connection, groupId: `all-${randomUUID()}`, topic },
        {
          assigned: (partitions, steer) => {
            for (const partition of partitions) steer.seek(partition, 0)
            check()
          },
          fetched: ({ partition, next, records, end: high }) => {
            for (const { offset, value } of records)
              found.get(partition)?.set(offset, value?.toString() ?? '')
            left.set(partition, high - next)
            check()
          },
          failed: fail,
        },
      )
      await done.finally(() => reader.close())
      return found
    },
    async close() {
      const producer = await opening?.catch(() => null)
      await producer?.close()
    },
  }
}
