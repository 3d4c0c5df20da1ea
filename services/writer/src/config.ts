// Configuration of the writer process. In the all-in-one its parent gives everything; with SANDPIPER_KAFKA_BROKERS it stands alone.
import { readFileSync } from 'node:fs'
import { type ClickHouseServers, readServers } from '@sandpiper/clickhouse'
import type { KafkaLogSettings } from '@sandpiper/kafkalog'
import { z } from 'zod'
import { LOAD_STEPS } from './load-contract.ts'

const text = z.string().min(1)
const count = (fallback: number, max: number) =>
  z.coerce.number().int().min(1).max(max).default(fallback)

const schema = z.object({
  /** Folder of the event log's segments; with Kafka, of copies of the partitions, which are thrown away. */
  SANDPIPER_LOG_DIR: text,
  /** Unix socket on which the process that ingests serves the link. Not used with Kafka. */
  SANDPIPER_LINK_SOCKET: text.optional(),
  /** Kafka as the event log: `host:port`, several with commas. */
  SANDPIPER_KAFKA_BROKERS: text.optional(),
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
  /** Hours that an Idempotency-Key is remembered, with Kafka. */
  SANDPIPER_IDEMPOTENCY_HOURS: z.coerce.number().min(0.001).max(8_760).default(168),
  /** Address of `/health/live`, `/health/ready` and `/metrics`, with Kafka. */
  SANDPIPER_HEALTH_HOST: text.default('127.0.0.1'),
  /** Their port; 0 takes a free one. */
  SANDPIPER_HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).default(7182),
  /** Seconds that batches may take to end when the writer is told to, with Kafka. */
  SANDPIPER_DRAIN_SECONDS: z.coerce.number().int().min(0).max(600).default(10),
  /** Folder of the files that batches are loaded from; the engine must be able to read in it. */
  SANDPIPER_SPOOL_DIR: text,
  /** Unix socket of the embedded engine. Not needed where SANDPIPER_CLICKHOUSE_URL is given. */
  SANDPIPER_ENGINE_SOCKET: text.optional(),
  /** ClickHouse servers instead of the embedded engine, as for the all-in-one. */
  SANDPIPER_CLICKHOUSE_URL: text.optional(),
  /** Who asks them. */
  SANDPIPER_CLICKHOUSE_USER: text.default('default'),
  /** The password. */
  SANDPIPER_CLICKHOUSE_PASSWORD: z.string().default(''),
  /** File that holds the password, instead of the variable. */
  SANDPIPER_CLICKHOUSE_PASSWORD_FILE: text.optional(),
  /** File of certificates (PEM) that may sign those of the servers. */
  SANDPIPER_CLICKHOUSE_CA_FILE: text.optional(),
  /** Connection string of the catalog. */
  DATABASE_URL: text,
  /** Loads that run at the same time. */
  SANDPIPER_WRITER_LOADS_MAX: count(4, 64),
  /** Loads started per second, all data sources together. */
  SANDPIPER_WRITER_LOADS_PER_SECOND_MAX: count(200, 10_000),
  /** Processors of the engine that loads may use while batches are small; fewer and larger batches follow. */
  SANDPIPER_WRITER_LOAD_PROCESSORS_MAX: z.coerce.number().min(0.05).max(64).default(0.45),
  /** Rows of one batch. */
  SANDPIPER_WRITER_BATCH_ROWS_MAX: count(200_000, 10_000_000),
  /** Bytes of one batch, as in the log. */
  SANDPIPER_WRITER_BATCH_BYTES_MAX: count(64 * 1_048_576, 1_073_741_824),
  /** Milliseconds the first waiting row may wait for company. */
  SANDPIPER_WRITER_BATCH_AGE_MS_MAX: z.coerce.number().int().min(0).max(60_000).default(0),
  /** Ends the process with SIGKILL when it reaches this step of a load; for tests of crashes only. */
  SANDPIPER_WRITER_DIE_AT: z.enum(LOAD_STEPS).optional(),
  SANDPIPER_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info'),
})

/** The embedded engine, or servers. */
type ClickHouseConfig =
  | { readonly socketPath: string; readonly servers: null }
  | { readonly socketPath: null; readonly servers: ClickHouseServers }

/** A writer beside others on a log in Kafka. */
export interface SharedConfig {
  readonly kafka: KafkaLogSettings
  readonly copiesDir: string
  readonly keysMs: number
  readonly health: { readonly host: string; readonly port: number }
  readonly drainMs: number
}

export interface WriterConfig {
  readonly logDir: string
  /** '' with Kafka. */
  readonly linkSocketPath: string
  /** null in the all-in-one. */
  readonly shared: SharedConfig | null
  readonly spoolDir: string
  readonly clickhouse: ClickHouseConfig
  readonly catalogUrl: string
  readonly loadsMax: number
  readonly loadsPerSecondMax: number
  readonly loadProcessorsMax: number
  readonly batchRowsMax: number
  readonly batchBytesMax: number
  readonly batchAgeMsMax: number
  readonly dieAt: string | null
  readonly logLevel: string
}

/** Reads and freezes the configuration. @throws ZodError naming every wrong value. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): WriterConfig {
  const read = schema.parse(env)
  return Object.freeze({
    logDir: read.SANDPIPER_LOG_DIR,
    ...logOf(read),
    spoolDir: read.SANDPIPER_SPOOL_DIR,
    clickhouse: clickhouseOf(read),
    catalogUrl: read.DATABASE_URL,
    loadsMax: read.SANDPIPER_WRITER_LOADS_MAX,
    loadProcessorsMax: read.SANDPIPER_WRITER_LOAD_PROCESSORS_MAX,
    loadsPerSecondMax: read.SANDPIPER_WRITER_LOADS_PER_SECOND_MAX,
    batchRowsMax: read.SANDPIPER_WRITER_BATCH_ROWS_MAX,
    batchBytesMax: read.SANDPIPER_WRITER_BATCH_BYTES_MAX,
    batchAgeMsMax: read.SANDPIPER_WRITER_BATCH_AGE_MS_MAX,
    dieAt: read.SANDPIPER_WRITER_DIE_AT ?? null,
    logLevel: read.SANDPIPER_LOG_LEVEL,
  })
}

function logOf(read: z.infer<typeof schema>): Pick<WriterConfig, 'linkSocketPath' | 'shared'> {
  const brokers = read.SANDPIPER_KAFKA_BROKERS
  if (brokers === undefined) {
    if (read.SANDPIPER_LINK_SOCKET === undefined)
      throw new Error('Wrong configuration: SANDPIPER_LINK_SOCKET or SANDPIPER_KAFKA_BROKERS')
    return { linkSocketPath: read.SANDPIPER_LINK_SOCKET, shared: null }
  }
  const kafka: KafkaLogSettings = {
    ...{ brokers, topic: read.SANDPIPER_KAFKA_TOPIC },
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
  const shared = {
    ...{ kafka, copiesDir: read.SANDPIPER_LOG_DIR },
    keysMs: read.SANDPIPER_IDEMPOTENCY_HOURS * 3_600_000,
    health: { host: read.SANDPIPER_HEALTH_HOST, port: read.SANDPIPER_HEALTH_PORT },
    drainMs: read.SANDPIPER_DRAIN_SECONDS * 1_000,
  }
  return { linkSocketPath: '', shared }
}

/** What may be shown of it: no secrets. */
export function redacted(config: WriterConfig): Record<string, unknown> {
  const { catalogUrl: _, clickhouse, shared, ...plain } = config
  return {
    ...plain,
    catalogUrl: '(set)',
    clickhouse: clickhouse.servers === null ? clickhouse.socketPath : clickhouse.servers.urls,
    kafka:
      shared === null
        ? null
        : {
            ...{ brokers: shared.kafka.brokers, topic: shared.kafka.topic },
            ...{ health: shared.health, drainMs: shared.drainMs },
          },
  }
}

function clickhouseOf(read: z.infer<typeof schema>): ClickHouseConfig {
  const servers = readServers(
    {
      url: read.SANDPIPER_CLICKHOUSE_URL,
      user: read.SANDPIPER_CLICKHOUSE_USER,
      password: read.SANDPIPER_CLICKHOUSE_PASSWORD,
      passwordFile: read.SANDPIPER_CLICKHOUSE_PASSWORD_FILE,
      caFile: read.SANDPIPER_CLICKHOUSE_CA_FILE,
    },
    (path) => readFileSync(path, 'utf8'),
  )
  if (servers !== null) return { socketPath: null, servers }
  const socketPath = read.SANDPIPER_ENGINE_SOCKET
  if (socketPath === undefined)
    throw new Error('Wrong configuration: SANDPIPER_ENGINE_SOCKET or SANDPIPER_CLICKHOUSE_URL')
  return { socketPath, servers: null }
}
