// The scale-out ingest path for the writer's tests: real Kafka, Postgres and engine, gateways' side of the log, any number of writers.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Catalog, createCatalog, openSharedLogCatalog } from '@sandpiper/catalog'
import { type ClickHouse, createClickHouse, ensureEmptyDatabase } from '@sandpiper/clickhouse'
import { databaseName, quarantineTableName, tableName } from '@sandpiper/deployment'
import type { NewFrame } from '@sandpiper/eventlog'
import { type KafkaLog, kafkaPlaceOf, openKafkaLog } from '@sandpiper/kafkalog'
import { quarantineColumns } from '@sandpiper/rows'
import { createLogger } from '@sandpiper/telemetry'
import {
  type RunningWriter,
  startCatalog,
  startEngine,
  startKafka,
  startWriter,
  type TestKafka,
} from '@sandpiper/testkit'
import { column, newId } from './writer-world.ts'

const COLUMNS = [column('n', 'Int64')]
const PARTITIONS = 4

/** A data source with the column n, and a view that adds it up. */
export interface SharedSource {
  readonly id: string
  readonly workspaceId: string
  readonly table: string
  readonly sums: string
}

export interface SharedWorld {
  readonly catalog: Catalog
  readonly clickhouse: ClickHouse
  readonly kafka: TestKafka
  /** As one gateway. */
  openLog(): Promise<KafkaLog>
  startWriter(env?: Readonly<Record<string, string>>): RunningWriter
  source(): Promise<SharedSource>
  /** How many rows, how many different ones, and the sum that the view has. */
  state(source: SharedSource): Promise<{ rows: number; different: number; sum: number }>
  stop(): Promise<void>
}

export async function startSharedWorld(): Promise<SharedWorld> {
  const home = await mkdtemp(join(tmpdir(), 'sp-shared-'))
  const logger = createLogger({ service: 'test', level: 'silent' })
  const [{ catalog, postgres, stop: stopCatalog }, kafka, engine] = await Promise.all([
    startCatalog(createCatalog),
    startKafka(),
    startEngine(),
  ])
  const catalogUrl = urlOf(postgres.connection)
  const { socketPath } = engine
  const clickhouse = createClickHouse({ url: 'http://engine', socketPath, loadsFiles: true })
  await ensureEmptyDatabase(clickhouse)
  const shared = openSharedLogCatalog({ connection: postgres.connection, logger })
  const place = kafkaPlaceOf({
    ...{ brokers: kafka.bootstrap, topic: 'log', partitions: PARTITIONS, minInsyncReplicas: 1 },
    ...{ security: 'plaintext', caPem: null, mechanism: 'plain', username: '', password: '' },
  })
  const writers: RunningWriter[] = []
  const logs: KafkaLog[] = []
  const spoolDir = join(home, 'spool')
  await mkdir(spoolDir)
  return {
    ...{ catalog, clickhouse, kafka },
    async openLog() {
      const log = await openKafkaLog({ place, catalog: shared, clientId: 'gateway', logger })
      logs.push(log)
      return log
    },
    startWriter(env = {}) {
      const places = {
        logDir: join(home, 'copies'),
        linkSocketPath: '/unused',
        spoolDir,
        catalogUrl,
      }
      const writer = startWriter(
        { ...places, engineSocketPath: socketPath },
        {
          env: {
            SANDPIPER_KAFKA_BROKERS: kafka.bootstrap,
            SANDPIPER_KAFKA_TOPIC: 'log',
            SANDPIPER_KAFKA_PARTITIONS: String(PARTITIONS),
            SANDPIPER_HEALTH_PORT: '0',
            ...env,
          },
        },
      )
      writers.push(writer)
      return writer
    },
    source: () => makeSource(catalog, clickhouse),
    async state({ table, sums }) {
      const [row] = await clickhouse.rows<Record<string, string>>({
        sql: `SELECT count() AS rows, uniqExact(n) AS different, (SELECT sum(n) FROM ${sums}) AS sum FROM ${table}`,
      })
      return {
        ...{ rows: Number(row?.['rows']), different: Number(row?.['different']) },
        sum: Number(row?.['sum']),
      }
    },
    async stop() {
      await Promise.all(writers.map((writer) => writer.kill()))
      await Promise.all(logs.map((log) => log.close()))
      await shared.close()
      await clickhouse.close()
      await Promise.all([engine.stop(), kafka.stop(), stopCatalog()])
      await rm(home, { recursive: true, force: true })
    },
  }
}

async function makeSource(catalog: Catalog, clickhouse: ClickHouse): Promise<SharedSource> {
  const { workspace } = await catalog.createWorkspace({ name: `w_${newId().slice(2, 12)}` })
  const database = databaseName(workspace.id)
  const id = newId()
  const schema = {
    ...{ dataSourceId: id, version: 1, workspaceId: workspace.id, generation: 1 },
    columns: COLUMNS,
  }
  const name = tableName(id, 1)
  const quarantine = quarantineColumns(COLUMNS)
    .map((each) => `\`${each.name}\` ${each.type}`)
    .join(', ')
  const statements = [
    `CREATE DATABASE ${database} ENGINE = Atomic`,
    `CREATE TABLE ${database}.${name} (n Int64) ENGINE = MergeTree ORDER BY n`,
    `CREATE TABLE ${database}.${quarantineTableName(id, 1)} (${quarantine}) ENGINE = MergeTree ORDER BY tuple()`,
    `CREATE TABLE ${database}.sums (n Int64) ENGINE = SummingMergeTree ORDER BY tuple()`,
    `CREATE MATERIALIZED VIEW ${database}.${newId()}_0_view TO ${database}.sums AS SELECT sum(n) AS n FROM ${database}.${name}`,
  ]
  for (const sql of statements) await clickhouse.command({ sql })
  await catalog.putSchemas([schema])
  return { id, workspaceId: workspace.id, table: `${database}.${name}`, sums: `${database}.sums` }
}

/** One row with this number, in a frame of its own. */
export function rowFrame(source: SharedSource, n: number, more: Partial<NewFrame> = {}): NewFrame {
  return {
    ...{ workspaceId: source.workspaceId, dataSourceId: source.id, schemaVersion: 1 },
    ...{ requestId: `r${n}`, arrivedAtMs: Date.now(), idempotencyHash: null },
    ...{ rowCount: 1, refusedCount: 0 },
    ...{ rows: Buffer.from(`{"n":${n}}\n`), refused: Buffer.alloc(0) },
    ...more,
  }
}

function urlOf(connection: {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}): string {
  const { host, port, user, database } = connection
  return `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`
}
