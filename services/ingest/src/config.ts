// Configuration of a gateway that stands alone: events come in over HTTP and go to a log in Kafka.
import { readFileSync } from 'node:fs'
import type { KafkaLogSettings } from '@sandpiper/kafkalog'
import { z } from 'zod'

const text = z.string().min(1)
const count = (fallback: number, max: number) =>
  z.coerce.number().int().min(1).max(max).default(fallback)

const schema = z.object({
  /** Port of the Events API, of `/health/live`, `/health/ready` and `/metrics`; 0 takes a free one. */
  SANDPIPER_PORT: z.coerce.number().int().min(0).max(65_535).default(7181),
  /** Address to listen on. */
  SANDPIPER_HOST: text.default('127.0.0.1'),
  /** Postgres of the catalog. */
  DATABASE_URL: text,
  /** The key that the catalog was made with: 64 hexadecimal digits or 32 bytes in base64. */
  SANDPIPER_SECRET_KEY: text,
  /** Kafka as the event log: `host:port`, several with commas. */
  SANDPIPER_KAFKA_BROKERS: text,
  /** Topic of the event log. */
  SANDPIPER_KAFKA_TOPIC: text.default('sandpiper-events'),
  /** Partitions of the topic when it is made; for ever. */
  SANDPIPER_KAFKA_PARTITIONS: count(16, 1_000),
  /** Replicas that must have an event before it is acknowledged, of a topic that is made. */
  SANDPIPER_KAFKA_MIN_INSYNC: count(1, 10),
  /** How Kafka is spoken to. */
  SANDPIPER_KAFKA_SECURITY: z
    .enum(['plaintext', 'ssl', 'sasl_plaintext', 'sasl_ssl'])
    .default('plaintext'),
  /** File of certificates (PEM) that may sign those of the brokers. */
  SANDPIPER_KAFKA_CA_FILE: text.optional(),
  /** How we log in, with `sasl_*`. */
  SANDPIPER_KAFKA_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).default('plain'),
  /** Who logs in. */
  SANDPIPER_KAFKA_USERNAME: z.string().default(''),
  /** The password. */
  SANDPIPER_KAFKA_PASSWORD: z.string().default(''),
  /** Milliseconds that events may wait for Kafka; then they are answered with 503. */
  SANDPIPER_KAFKA_WAIT_MS: count(5_000, 60_000),
  /** Hosts with private addresses that keys of JWTs may be fetched from: names, addresses or networks, separated by commas. */
  SANDPIPER_IMPORT_PRIVATE_HOSTS: text.optional(),
  /** Hours that an Idempotency-Key is remembered. */
  SANDPIPER_IDEMPOTENCY_HOURS: z.coerce.number().min(0.001).max(8_760).default(168),
  /** A Redis that counts requests of all gateways together; without it each counts by itself. `redis://` or, with TLS, `rediss://`. */
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/./, 'must begin with redis:// or rediss://')
    .optional(),
  /** File of certificates (PEM) that may sign that of Redis; by default those that Node knows. */
  SANDPIPER_REDIS_CA_FILE: text.optional(),
  /** Seconds that a start waits for Postgres. */
  SANDPIPER_DATABASE_WAIT_SECONDS: z.coerce.number().int().min(0).max(3_600).default(60),
  /** Requests a second that a workspace may send, whatever its tokens; more are answered with 429. No quota when not given. */
  SANDPIPER_EVENTS_PER_SECOND: z.coerce.number().int().min(1).optional(),
  /** Requests a second that one data source takes; more are answered with 429. No quota when not given. */
  SANDPIPER_EVENTS_PER_SECOND_PER_DATA_SOURCE: z.coerce.number().int().min(1).optional(),
  /** Bytes of event bodies, and of what they become, in memory at once; more are answered with 503. */
  SANDPIPER_EVENTS_IN_FLIGHT_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(512 * 1_048_576),
  /** Connections at once; more are closed as soon as they are made. */
  SANDPIPER_CONNECTIONS_MAX: count(16_000, 1_000_000),
  /** Seconds between the answer that we are no longer ready and the end of listening, for balancers to notice. */
  SANDPIPER_LAME_SECONDS: z.coerce.number().min(0).max(600).default(2),
  /** Seconds that requests may take to end when we are told to. */
  SANDPIPER_DRAIN_SECONDS: z.coerce.number().int().min(0).max(600).default(10),
  SANDPIPER_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
})

export interface GatewayConfig {
  readonly port: number
  readonly host: string
  readonly databaseUrl: string
  readonly databaseWaitMs: number
  readonly redis: { readonly url: string; readonly ca: string | null } | null
  readonly secretKey: string
  readonly kafka: KafkaLogSettings
  readonly kafkaWaitMs: number
  readonly privateHosts: readonly string[]
  readonly keysMs: number
  readonly events: {
    readonly requestsPerSecond: number | null
    readonly requestsPerSecondPerDataSource: number | null
    readonly inFlightBytesMax: number
  }
  readonly connectionsMax: number
  readonly lameMs: number
  readonly drainMs: number
  readonly logLevel: string
}

/** Reads and freezes the configuration. @throws Error with one line that names every wrong value. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): GatewayConfig {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = schema.safeParse(set)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`Wrong configuration: ${wrong.join('; ')}`)
  }
  const read = parsed.data
  return Object.freeze({
    port: read.SANDPIPER_PORT,
    host: read.SANDPIPER_HOST,
    databaseUrl: read.DATABASE_URL,
    databaseWaitMs: read.SANDPIPER_DATABASE_WAIT_SECONDS * 1_000,
    redis: redisOf(read),
    secretKey: read.SANDPIPER_SECRET_KEY,
    kafka: kafkaOf(read),
    kafkaWaitMs: read.SANDPIPER_KAFKA_WAIT_MS,
    privateHosts: (read.SANDPIPER_IMPORT_PRIVATE_HOSTS ?? '')
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== ''),
    keysMs: read.SANDPIPER_IDEMPOTENCY_HOURS * 3_600_000,
    events: {
      requestsPerSecond: read.SANDPIPER_EVENTS_PER_SECOND ?? null,
      requestsPerSecondPerDataSource: read.SANDPIPER_EVENTS_PER_SECOND_PER_DATA_SOURCE ?? null,
      inFlightBytesMax: read.SANDPIPER_EVENTS_IN_FLIGHT_BYTES,
    },
    connectionsMax: read.SANDPIPER_CONNECTIONS_MAX,
    lameMs: read.SANDPIPER_LAME_SECONDS * 1_000,
    drainMs: read.SANDPIPER_DRAIN_SECONDS * 1_000,
    logLevel: read.SANDPIPER_LOG_LEVEL,
  })
}

function redisOf(read: z.infer<typeof schema>): GatewayConfig['redis'] {
  if (read.REDIS_URL === undefined) return null
  const { SANDPIPER_REDIS_CA_FILE: file } = read
  return { url: read.REDIS_URL, ca: file === undefined ? null : readFileSync(file, 'utf8') }
}

function kafkaOf(read: z.infer<typeof schema>): KafkaLogSettings {
  return {
    brokers: read.SANDPIPER_KAFKA_BROKERS,
    topic: read.SANDPIPER_KAFKA_TOPIC,
    partitions: read.SANDPIPER_KAFKA_PARTITIONS,
    minInsyncReplicas: read.SANDPIPER_KAFKA_MIN_INSYNC,
    security: read.SANDPIPER_KAFKA_SECURITY,
    caPem:
      read.SANDPIPER_KAFKA_CA_FILE === undefined
        ? null
        : readFileSync(read.SANDPIPER_KAFKA_CA_FILE, 'utf8'),
    mechanism: read.SANDPIPER_KAFKA_MECHANISM,
    username: read.SANDPIPER_KAFKA_USERNAME,
    password: read.SANDPIPER_KAFKA_PASSWORD,
  }
}

/** What may be shown of it: no secrets. */
export function redacted(config: GatewayConfig): Record<string, unknown> {
  const { caPem: _, password: __, ...kafka } = config.kafka
  const redis = config.redis === null ? null : '(set)'
  return { ...config, databaseUrl: '(set)', secretKey: '(set)', redis, kafka }
}
