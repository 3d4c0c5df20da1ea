// Where the log is in a Kafka cluster, and how large its parts may grow.
import type { KafkaConnection } from '@sandpiper/kafka'

/** A log in Kafka. */
export interface KafkaLogPlace {
  readonly connection: KafkaConnection
  readonly topic: string
  /** Of a topic that is made; one that is there keeps its number. */
  readonly partitions: number
  /** Replicas that must have a frame before it is acknowledged, of a topic that is made. */
  readonly minInsyncReplicas: number
  /** Bytes of the largest frame. */
  readonly frameBytesMax: number
}

/** 16 partitions; frames within the 100 MiB that a broker takes as one request. */
export const KAFKA_LOG = {
  topic: 'sandpiper-events',
  partitions: 16,
  minInsyncReplicas: 1,
  frameBytesMax: 100 * 1024 * 1024 - 64 * 1024,
} as const

/** What a service's configuration says of the cluster. */
export interface KafkaLogSettings {
  /** `host:port`, separated by commas. */
  readonly brokers: string
  readonly topic: string
  readonly partitions: number
  readonly minInsyncReplicas: number
  /** `plaintext`, `ssl`, `sasl_plaintext` or `sasl_ssl`. */
  readonly security: 'plaintext' | 'ssl' | 'sasl_plaintext' | 'sasl_ssl'
  /** PEM; null: the authorities that Node trusts. */
  readonly caPem: string | null
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

/** The place that the settings of a service describe. */
export function kafkaPlaceOf(settings: KafkaLogSettings): KafkaLogPlace {
  const { security, caPem, mechanism, username, password } = settings
  const connection: KafkaConnection = {
    bootstrapServers: settings.brokers.split(',').map((each) => each.trim()),
    tls: security.endsWith('ssl') ? { caPem } : null,
    sasl: security.startsWith('sasl') ? { mechanism, username, password } : null,
  }
  const { topic, partitions, minInsyncReplicas } = settings
  return { ...KAFKA_LOG, connection, topic, partitions, minInsyncReplicas }
}
