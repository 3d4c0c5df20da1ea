// Writes records to topics: acknowledged by every replica in sync, and by an idempotent producer, so that its own retries double nothing.
import kafkajs from 'kafkajs'

import type { Logger } from '@sandpiper/telemetry'

import type { KafkaConnection } from './connection.ts'
import { kafkaClient } from './kafka-client.ts'
import { kafkaProblem } from './kafka-error.ts'

/** What is written. `partition` absent: by the hash of the key, else spread. */
export interface NewRecord {
  readonly key: Buffer | string | null
  readonly value: Buffer | string | null
  readonly headers?: Readonly<Record<string, Buffer | string>>
  readonly partition?: number
  /** Unix milliseconds; default now. */
  readonly timestampMs?: number
}

/** Where one batch of records of a partition was stored. */
export interface StoredAt {
  readonly partition: number
  /** Offset of the first of them; null where the broker does not say. */
  readonly baseOffset: number | null
}

/** A connected producer. */
export interface KafkaProducer {
  /**
   * Resolves once every replica in sync has the records. On rejection they may have been written or not: sent again, they may be there twice.
   * @throws KafkaProblem.
   */
  send(
    topic: string,
    records: readonly NewRecord[],
    options?: { readonly compression?: 'none' | 'gzip' },
  ): Promise<readonly StoredAt[]>
  /** Idempotent. */
  close(): Promise<void>
}

/** Connects. @throws KafkaProblem. */
export async function openKafkaProducer(
  connection: KafkaConnection,
  options: { readonly clientId: string; readonly logger: Logger },
): Promise<KafkaProducer> {
  const producer = kafkaClient(connection, options).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    // An idempotent producer must try for as long as it can: only then its sequence is known.
    retry: { retries: 10, initialRetryTime: 100, maxRetryTime: 2_000 },
  })
  try {
    await producer.connect()
  } catch (err) {
    await producer.disconnect().catch(() => undefined)
    throw kafkaProblem(err, connection)
  }
  return {
    async send(topic, records, { compression = 'none' } = {}) {
      const { GZIP, None } = kafkajs.CompressionTypes
      try {
        const stored = await producer.send({
          ...{ topic, acks: -1, compression: compression === 'gzip' ? GZIP : None },
          messages: records.map((record) => ({
            ...{ key: record.key, value: record.value },
            ...(record.headers === undefined ? {} : { headers: record.headers }),
            ...(record.partition === undefined ? {} : { partition: record.partition }),
            ...(record.timestampMs === undefined ? {} : { timestamp: String(record.timestampMs) }),
          })),
        })
        return stored.map(({ partition, baseOffset }) => ({
          partition,
          baseOffset: baseOffset === undefined ? null : Number(baseOffset),
        }))
      } catch (err) {
        throw kafkaProblem(err, connection)
      }
    },
    close: () => producer.disconnect().catch(() => undefined),
  }
}
