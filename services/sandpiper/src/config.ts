// Configuration of the all-in-one, from the environment. Parsed once, frozen; docs/config.md lists every variable.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type ClickHouseServers, readServers } from '@sandpiper/clickhouse'
import { LOG_KEEPING, type LogKeeping } from '@sandpiper/eventlog'
import type { KeyRetention } from '@sandpiper/idempotency'
import type { KafkaLogSettings } from '@sandpiper/kafkalog'
import { z } from 'zod'

import { StartError } from './start-error.ts'

const text = z.string().min(1)
const HOUR_MS = 3_600_000

const schema = z.object({
  /** Port of the HTTP API; 0 takes a free one. */
  SANDPIPER_PORT: z.coerce.number().int().min(0).max(65_535).default(7181),
  /** Address to listen on. */
  SANDPIPER_HOST: text.default('127.0.0.1'),
  /** Everything the server keeps; relative to the working directory. */
  SANDPIPER_DATA_DIR: text.default('.sandpiper'),
  /** Encrypts stored tokens: 64 hexadecimal digits or 32 bytes in base64. Made and kept in the data directory when not given. */
  SANDPIPER_SECRET_KEY: text.optional(),
  /** A Postgres of your own for the catalog, instead of the embedded one. */
  DATABASE_URL: text.optional(),
  /** Connections to it of the main process; jobs and the writer have a few more of their own. */
  SANDPIPER_DATABASE_CONNECTIONS: z.coerce.number().int().min(2).max(500).default(8),
  /** Seconds that one statement of the catalog may take. */
  SANDPIPER_DATABASE_STATEMENT_SECONDS: z.coerce.number().int().min(1).max(600).default(10),
  /** Seconds that a start waits for a Postgres of your own. */
  SANDPIPER_DATABASE_WAIT_SECONDS: z.coerce.number().int().min(0).max(3_600).default(60),
  /** A Redis for what several processes share: limits of requests, tickets of jobs. `redis://` or, with TLS, `rediss://`. It may lose what it holds. */
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/./, 'must begin with redis:// or rediss://')
    .optional(),
  /** File of certificates (PEM) that may sign that of Redis; by default those that Node knows. */
  SANDPIPER_REDIS_CA_FILE: text.optional(),
  /** Kafka as the event log, `host:port`, several with commas: then writers run by themselves, and so may gateways. */
  SANDPIPER_KAFKA_BROKERS: text.optional(),
  /** Topic of the event log. */
  SANDPIPER_KAFKA_TOPIC: text.default('sandpiper-events'),
  /** Partitions of the topic when it is made; for ever. */
  SANDPIPER_KAFKA_PARTITIONS: z.coerce.number().int().min(1).max(1_000).default(16),
  /** Replicas that must have an event before it is acknowledged, of a topic that is made. */
  SANDPIPER_KAFKA_MIN_INSYNC: z.coerce.number().int().min(1).max(10).default(1),
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
  /** ClickHouse servers instead of the embedded engine: `http(s)://host:port`, several with commas for replicas that hold the same. */
  SANDPIPER_CLICKHOUSE_URL: text.optional(),
  /** Who asks them. */
  SANDPIPER_CLICKHOUSE_USER: text.default('default'),
  /** The password. */
  SANDPIPER_CLICKHOUSE_PASSWORD: z.string().default(''),
  /** File that holds the password, instead of the variable. */
  SANDPIPER_CLICKHOUSE_PASSWORD_FILE: text.optional(),
  /** File of certificates (PEM) that may sign those of the servers; by default those that Node knows. */
  SANDPIPER_CLICKHOUSE_CA_FILE: text.optional(),
  /** Queries that the embedded engine runs at the same time. */
  SANDPIPER_ENGINE_SESSIONS: z.coerce.number().int().min(1).max(64).default(8),
  /** Memory of all queries together, in bytes; default half of the machine's, at most 8 GiB. */
  SANDPIPER_ENGINE_MEMORY_BYTES: z.coerce.number().int().min(1).optional(),
  /** Seconds a query may take. */
  SANDPIPER_QUERY_SECONDS: z.coerce.number().int().min(1).max(600).default(10),
  /** Queries of endpoints and SQL at work at once, of all workspaces; two sessions of the engine always stay for loads. */
  SANDPIPER_QUERIES_RUNNING: z.coerce.number().int().min(1).max(64).default(6),
  /** Of them those of one workspace. */
  SANDPIPER_QUERIES_RUNNING_PER_WORKSPACE: z.coerce.number().int().min(1).max(64).default(5),
  /** Queries of one workspace that may wait, ten times as many of all; one more is answered with 429. */
  SANDPIPER_QUERIES_WAITING: z.coerce.number().int().min(0).max(10_000).default(200),
  /** Seconds that a query waits; then it is answered with 429. */
  SANDPIPER_QUERY_WAIT_SECONDS: z.coerce.number().int().min(1).max(600).default(5),
  /** Bytes of memory of one query; default what the queries of one workspace can have together of four fifths of the engine's, at most 2 GiB. */
  SANDPIPER_QUERY_MEMORY_BYTES: z.coerce.number().int().min(1).optional(),
  /** Bytes of one result. */
  SANDPIPER_QUERY_RESULT_BYTES: z.coerce.number().int().min(1).default(100_000_000),
  /** Rows that one query may read of tables. */
  SANDPIPER_QUERY_ROWS_READ: z.coerce.number().int().min(1).default(50_000_000_000),
  /** Bytes that one query may read of tables, unpacked. */
  SANDPIPER_QUERY_BYTES_READ: z.coerce.number().int().min(1).default(10_000_000_000_000),
  /** Elements of the syntax tree of one query, as it is sent to the engine. */
  SANDPIPER_QUERY_AST_ELEMENTS: z.coerce.number().int().min(100).max(500_000).default(50_000),
  /** Bytes of memory for answers of endpoints that allow it (`CACHE`, `cache_ttl`); 0 keeps none. */
  SANDPIPER_RESULT_CACHE_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(64 * 1_048_576),
  /** Such answers that are kept at once; those used longest ago go first. */
  SANDPIPER_RESULT_CACHE_ENTRIES: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
  /** Days that rows of the service data sources (`tinybird.*`) are kept; default 30, of pipe_stats_rt 7 and of pipe_stats 90. */
  SANDPIPER_OPS_DAYS: z.coerce.number().int().min(1).max(3_650).optional(),
  /** Seconds between two looks at the size of data sources; a row of `tinybird.datasources_storage` is written when it changed. */
  SANDPIPER_STORAGE_SECONDS: z.coerce.number().int().min(1).max(86_400).default(60),
  /** A value that may read `/metrics` as a Bearer token, for a scraper: at least 16 characters, no spaces. */
  SANDPIPER_METRICS_TOKEN: z
    .string()
    .regex(/^\S{16,}$/)
    .optional(),
  /** Hosts with private addresses that files may be imported from by URL: names, addresses or networks, separated by commas. */
  SANDPIPER_IMPORT_PRIVATE_HOSTS: text.optional(),
  /** Hosts with private addresses that connections of projects may reach (Kafka brokers, schema registries): names, addresses or networks, separated by commas. */
  SANDPIPER_CONNECTION_PRIVATE_HOSTS: text.optional(),
  /** Jobs (imports, deletes) at work at once, of all workspaces. */
  SANDPIPER_JOBS_RUNNING: z.coerce.number().int().min(1).max(64).default(4),
  /** Jobs of one workspace that may wait; one more is answered with 429. */
  SANDPIPER_JOBS_WAITING: z.coerce.number().int().min(1).max(10_000).default(100),
  /** Hours that finished jobs are shown and kept. */
  SANDPIPER_JOBS_HISTORY_HOURS: z.coerce.number().int().min(1).max(8_760).default(48),
  /** Bytes of one file to import, as it comes: packed when it is. */
  SANDPIPER_IMPORT_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .default(10 * 1_073_741_824),
  /** Bytes of one file to import, unpacked. */
  SANDPIPER_IMPORT_UNPACKED_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .default(32 * 1_073_741_824),
  /** Bytes that files to import leave free on the disk; below, they are answered with 507. */
  SANDPIPER_IMPORT_FREE_BYTES_MIN: z.coerce.number().int().min(0).default(1_073_741_824),
  /** Files that may be sent at the same time, three quarters of them to one workspace; one more is answered with 429. */
  SANDPIPER_IMPORTS_RECEIVING: z.coerce.number().int().min(1).max(1_000).default(16),
  /** Seconds that the query of a copy pipe may take. */
  SANDPIPER_COPY_SECONDS: z.coerce.number().int().min(1).max(21_600).default(1_800),
  /** Bytes of the result of one copy, as JSON; it lies in the spool until its rows are loaded. */
  SANDPIPER_COPY_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .default(10 * 1_073_741_824),
  /** Hours that confirmed segments of the event log stay, for replays; 0 drops them at once. */
  SANDPIPER_LOG_KEEP_HOURS: z.coerce.number().min(0).max(8_760).default(0),
  /** Bytes of confirmed segments beyond which the oldest go whatever their age; no bound when not given. */
  SANDPIPER_LOG_KEEP_BYTES: z.coerce.number().int().min(0).optional(),
  /** Bytes the event log may take; above, confirmed segments go and then events are answered with 507. No bound when not given. */
  SANDPIPER_LOG_BYTES_MAX: z.coerce.number().int().min(1).optional(),
  /** Bytes that must be free on the log's disk; below, events are answered with 507. Default 512 MiB, 2 % of a disk below 25 GiB. */
  SANDPIPER_LOG_FREE_BYTES_MIN: z.coerce.number().int().min(0).optional(),
  /** Hours that an Idempotency-Key is remembered. */
  SANDPIPER_IDEMPOTENCY_HOURS: z.coerce.number().min(0.001).max(8_760).default(168),
  /** Idempotency keys that are remembered per workspace; the oldest are forgotten first. */
  SANDPIPER_IDEMPOTENCY_KEYS: z.coerce.number().int().min(1).max(1_000_000_000).default(10_000_000),
  /** Requests a second that a workspace may send to the Events API, whatever its tokens; more are answered with 429. No quota when not given. */
  SANDPIPER_EVENTS_PER_SECOND: z.coerce.number().int().min(1).optional(),
  /** Requests a second that one data source takes; more are answered with 429. No quota when not given. */
  SANDPIPER_EVENTS_PER_SECOND_PER_DATA_SOURCE: z.coerce.number().int().min(1).optional(),
  /** Requests a second that a workspace may send to endpoints and /v0/sql, whatever its tokens; more are answered with 429. No limit when not given. */
  SANDPIPER_QUERIES_PER_SECOND: z.coerce.number().int().min(1).optional(),
  /** Requests a second that one endpoint takes; more are answered with 429. No limit when not given. */
  SANDPIPER_QUERIES_PER_SECOND_PER_ENDPOINT: z.coerce.number().int().min(1).optional(),
  /** Bytes of event bodies, and of what they become, in memory at once; more are answered with 503. */
  SANDPIPER_EVENTS_IN_FLIGHT_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(512 * 1_048_576),
  /** Connections at once; more are closed as soon as they are made. */
  SANDPIPER_CONNECTIONS_MAX: z.coerce.number().int().min(1).default(16_000),
  /** `text` greets people, `json` prints one line for programs. */
  SANDPIPER_PRINT: z.enum(['text', 'json']).default('text'),
  SANDPIPER_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('warn'),
})

/** What queries of callers may take, together and each. */
interface QueryLimitsConfig {
  readonly runningMax: number
  readonly runningPerWorkspaceMax: number
  readonly waitingPerWorkspaceMax: number
  readonly waitSeconds: number
  /** null: a share of the engine's. */
  readonly memoryBytesMax: number | null
  readonly resultBytesMax: number
  readonly rowsReadMax: number
  readonly bytesReadMax: number
  readonly astElementsMax: number
}

/** Servers, and the same as variables for the writer. */
interface ClickHouseConfig {
  readonly servers: ClickHouseServers
  readonly environment: Readonly<Record<string, string>>
}

export interface Config {
  readonly port: number
  readonly host: string
  /** Absolute. */
  readonly dataDir: string
  readonly secretKey: string | null
  readonly databaseUrl: string | null
  readonly database: {
    readonly connectionsMax: number
    readonly statementMs: number
    readonly waitMs: number
  }
  readonly redis: { readonly url: string; readonly ca: string | null } | null
  /** null: the log is on the disk of this machine. */
  readonly kafka: KafkaLogSettings | null
  /** null: the embedded engine. */
  readonly clickhouse: ClickHouseConfig | null
  readonly engineSessions: number
  readonly engineMemoryBytesMax: number | null
  readonly querySeconds: number
  readonly resultCache: { readonly bytesMax: number; readonly entriesMax: number }
  /** null: as each service data source says. */
  readonly opsDays: number | null
  readonly storageSeconds: number
  readonly metricsToken: string | null
  readonly importPrivateHosts: readonly string[]
  readonly connectionPrivateHosts: readonly string[]
  readonly imports: {
    readonly bytesMax: number
    readonly unpackedBytesMax: number
    readonly freeBytesMin: number
    readonly receivingMax: number
  }
  readonly copies: {
    readonly seconds: number
    readonly bytesMax: number
  }
  readonly jobs: {
    readonly runningMax: number
    readonly waitingMax: number
    readonly historyHours: number
  }
  readonly logKeeping: LogKeeping
  readonly keyRetention: KeyRetention
  /** null: no quota. */
  readonly events: {
    readonly requestsPerSecond: number | null
    readonly requestsPerSecondPerDataSource: number | null
    readonly inFlightBytesMax: number
  }
  /** null: no limit. */
  readonly queries: {
    readonly requestsPerSecond: number | null
    readonly requestsPerSecondPerEndpoint: number | null
  }
  readonly queryLimits: QueryLimitsConfig
  readonly connectionsMax: number
  readonly print: 'text' | 'json'
  readonly logLevel: string
  /** The environment for children, without our own variables. */
  readonly childEnvironment: Readonly<Record<string, string>>
}

/** @throws StartError naming every variable that is wrong. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = schema.safeParse(set)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new StartError(`Wrong configuration: ${wrong.join('; ')}`)
  }
  const read = parsed.data
  return Object.freeze({
    port: read.SANDPIPER_PORT,
    host: read.SANDPIPER_HOST,
    dataDir: resolve(read.SANDPIPER_DATA_DIR),
    secretKey: read.SANDPIPER_SECRET_KEY ?? null,
    databaseUrl: read.DATABASE_URL ?? null,
    database: {
      connectionsMax: read.SANDPIPER_DATABASE_CONNECTIONS,
      statementMs: read.SANDPIPER_DATABASE_STATEMENT_SECONDS * 1_000,
      waitMs: read.SANDPIPER_DATABASE_WAIT_SECONDS * 1_000,
    },
    redis: redisOf(read),
    kafka: kafkaOf(read),
    clickhouse: clickhouseOf(read, set),
    engineSessions: read.SANDPIPER_ENGINE_SESSIONS,
    engineMemoryBytesMax: read.SANDPIPER_ENGINE_MEMORY_BYTES ?? null,
    querySeconds: read.SANDPIPER_QUERY_SECONDS,
    resultCache: {
      bytesMax: read.SANDPIPER_RESULT_CACHE_BYTES,
      entriesMax: read.SANDPIPER_RESULT_CACHE_ENTRIES,
    },
    opsDays: read.SANDPIPER_OPS_DAYS ?? null,
    storageSeconds: read.SANDPIPER_STORAGE_SECONDS,
    metricsToken: read.SANDPIPER_METRICS_TOKEN ?? null,
    importPrivateHosts: splitList(read.SANDPIPER_IMPORT_PRIVATE_HOSTS ?? ''),
    connectionPrivateHosts: splitList(read.SANDPIPER_CONNECTION_PRIVATE_HOSTS ?? ''),
    ...workOf(read),
    logKeeping: logKeepingOf(read),
    keyRetention: {
      ageMsMax: read.SANDPIPER_IDEMPOTENCY_HOURS * HOUR_MS,
      keysMax: read.SANDPIPER_IDEMPOTENCY_KEYS,
    },
    events: {
      requestsPerSecond: read.SANDPIPER_EVENTS_PER_SECOND ?? null,
      requestsPerSecondPerDataSource: read.SANDPIPER_EVENTS_PER_SECOND_PER_DATA_SOURCE ?? null,
      inFlightBytesMax: read.SANDPIPER_EVENTS_IN_FLIGHT_BYTES,
    },
    queries: {
      requestsPerSecond: read.SANDPIPER_QUERIES_PER_SECOND ?? null,
      requestsPerSecondPerEndpoint: read.SANDPIPER_QUERIES_PER_SECOND_PER_ENDPOINT ?? null,
    },
    queryLimits: queryLimitsOf(read),
    connectionsMax: read.SANDPIPER_CONNECTIONS_MAX,
    print: read.SANDPIPER_PRINT,
    logLevel: read.SANDPIPER_LOG_LEVEL,
    childEnvironment: childEnvironment(env),
  })
}

function queryLimitsOf(read: z.infer<typeof schema>): QueryLimitsConfig {
  return {
    runningMax: read.SANDPIPER_QUERIES_RUNNING,
    runningPerWorkspaceMax: read.SANDPIPER_QUERIES_RUNNING_PER_WORKSPACE,
    waitingPerWorkspaceMax: read.SANDPIPER_QUERIES_WAITING,
    waitSeconds: read.SANDPIPER_QUERY_WAIT_SECONDS,
    memoryBytesMax: read.SANDPIPER_QUERY_MEMORY_BYTES ?? null,
    resultBytesMax: read.SANDPIPER_QUERY_RESULT_BYTES,
    rowsReadMax: read.SANDPIPER_QUERY_ROWS_READ,
    bytesReadMax: read.SANDPIPER_QUERY_BYTES_READ,
    astElementsMax: read.SANDPIPER_QUERY_AST_ELEMENTS,
  }
}

function clickhouseOf(
  read: z.infer<typeof schema>,
  set: Readonly<Record<string, string | undefined>>,
): ClickHouseConfig | null {
  const given = {
    url: read.SANDPIPER_CLICKHOUSE_URL,
    user: read.SANDPIPER_CLICKHOUSE_USER,
    password: read.SANDPIPER_CLICKHOUSE_PASSWORD,
    passwordFile: read.SANDPIPER_CLICKHOUSE_PASSWORD_FILE,
    caFile: read.SANDPIPER_CLICKHOUSE_CA_FILE,
  }
  try {
    const servers = readServers(given, (path) => readFileSync(path, 'utf8'))
    if (servers === null) return null
    return { servers, environment: clickhouseEnvironment(set) }
  } catch (cause) {
    throw new StartError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/** The writer has a working directory of its own. */
function clickhouseEnvironment(
  set: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(set)) {
    if (value === undefined || !/^SANDPIPER_(?:CLICKHOUSE)_/.test(name)) continue
    environment[name] = name.endsWith('_FILE') ? resolve(value) : value
  }
  return environment
}

function workOf(read: z.infer<typeof schema>): Pick<Config, 'imports' | 'copies' | 'jobs'> {
  return {
    imports: {
      bytesMax: read.SANDPIPER_IMPORT_BYTES_MAX,
      unpackedBytesMax: read.SANDPIPER_IMPORT_UNPACKED_BYTES_MAX,
      freeBytesMin: read.SANDPIPER_IMPORT_FREE_BYTES_MIN,
      receivingMax: read.SANDPIPER_IMPORTS_RECEIVING,
    },
    copies: { seconds: read.SANDPIPER_COPY_SECONDS, bytesMax: read.SANDPIPER_COPY_BYTES_MAX },
    jobs: {
      runningMax: read.SANDPIPER_JOBS_RUNNING,
      waitingMax: read.SANDPIPER_JOBS_WAITING,
      historyHours: read.SANDPIPER_JOBS_HISTORY_HOURS,
    },
  }
}

function kafkaOf(read: z.infer<typeof schema>): KafkaLogSettings | null {
  const brokers = read.SANDPIPER_KAFKA_BROKERS
  if (brokers === undefined) return null
  return {
    ...{ brokers, topic: read.SANDPIPER_KAFKA_TOPIC },
    partitions: read.SANDPIPER_KAFKA_PARTITIONS,
    minInsyncReplicas: read.SANDPIPER_KAFKA_MIN_INSYNC,
    security: read.SANDPIPER_KAFKA_SECURITY,
    caPem: textOfFile(read.SANDPIPER_KAFKA_CA_FILE),
    mechanism: read.SANDPIPER_KAFKA_MECHANISM,
    username: read.SANDPIPER_KAFKA_USERNAME,
    password: read.SANDPIPER_KAFKA_PASSWORD,
  }
}

function redisOf(read: z.infer<typeof schema>): Config['redis'] {
  if (read.REDIS_URL === undefined) return null
  return { url: read.REDIS_URL, ca: textOfFile(read.SANDPIPER_REDIS_CA_FILE) }
}

/** @throws StartError when it cannot be read. */
function textOfFile(path: string | undefined): string | null {
  if (path === undefined) return null
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new StartError(`${path} cannot be read.`, { cause })
  }
}

function logKeepingOf(read: z.infer<typeof schema>): LogKeeping {
  return {
    keepMs: read.SANDPIPER_LOG_KEEP_HOURS * HOUR_MS,
    keepBytesMax: read.SANDPIPER_LOG_KEEP_BYTES ?? LOG_KEEPING.keepBytesMax,
    logBytesMax: read.SANDPIPER_LOG_BYTES_MAX ?? LOG_KEEPING.logBytesMax,
    freeBytesMin: read.SANDPIPER_LOG_FREE_BYTES_MIN ?? LOG_KEEPING.freeBytesMin,
  }
}

/** What may be logged: secrets are told only to be there. */
export function redacted(config: Config): Record<string, unknown> {
  const { childEnvironment: _, ...shown } = config
  return {
    ...shown,
    clickhouse: config.clickhouse === null ? null : { urls: config.clickhouse.servers.urls },
    secretKey: config.secretKey === null ? null : '(set)',
    databaseUrl: config.databaseUrl === null ? null : '(set)',
    redis: config.redis === null ? null : '(set)',
    kafka:
      config.kafka === null ? null : { brokers: config.kafka.brokers, topic: config.kafka.topic },
    metricsToken: config.metricsToken === null ? null : '(set)',
  }
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

function childEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(SANDPIPER_|DATABASE_URL$|REDIS_URL$|PG|npm_)/.test(entry[0]),
  )
  return { ...Object.fromEntries(kept), TZ: 'UTC' }
}
