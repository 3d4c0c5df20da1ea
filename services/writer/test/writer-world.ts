// A whole ingest path for the writer's tests: real log, Postgres, engine and writer, each of which can be killed.
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createCatalog,
  type Catalog,
  type MissingBatch,
  type SchemaVersion,
} from '@sandpiper/catalog'
import { type ClickHouse, createClickHouse, ensureEmptyDatabase } from '@sandpiper/clickhouse'
import type { Column } from '@sandpiper/datafile'
import { databaseName, quarantineTableName, tableName } from '@sandpiper/deployment'
import { type EventLog, type LoadOutcome, type NewFrame, openEventLog } from '@sandpiper/eventlog'
import { quarantineColumns } from '@sandpiper/rows'
import {
  type FaultProxy,
  type RunningEngine,
  type RunningWriter,
  startCatalog,
  startEngine,
  startFaultProxy,
  startWriter,
  type TestPostgres,
} from '@sandpiper/testkit'

export const DURABLE =
  'SETTINGS fsync_after_insert=1, fsync_part_directory=1, min_rows_to_fsync_after_merge=1'

const WAIT_MAX_MS = 40_000
/** Little, so that a statement can meet the limit without hurting the machine. */
const ENGINE_MEMORY_BYTES = 1.5 * 1024 ** 3

/** A data source with its table; views are made with `sql`. */
export interface WorldSource {
  readonly id: string
  readonly workspaceId: string
  readonly database: string
  /** Qualified names. */
  readonly table: string
  readonly quarantine: string
  readonly schema: SchemaVersion
}

export interface World {
  readonly catalog: Catalog
  readonly log: EventLog
  readonly clickhouse: ClickHouse
  readonly spoolDir: string
  /** Between writer and engine; null for the embedded one. */
  readonly proxy: FaultProxy | null
  writer(): RunningWriter
  /** Starts a writer, e.g. one that dies at a step. */
  startWriter(env?: Readonly<Record<string, string>>): RunningWriter
  killEngine(): Promise<void>
  enginePid(): number
  startEngine(): Promise<void>
  workspace(): Promise<string>
  source(workspaceId: string, columns: Column[], engine?: string): Promise<WorldSource>
  sql(text: string): Promise<void>
  /** First column of the first row, as text. */
  value(select: string): Promise<string>
  append(source: WorldSource, rows: readonly unknown[], more?: AppendMore): Promise<number>
  /** Appends and waits until every target has it. */
  load(source: WorldSource, rows: readonly unknown[], more?: AppendMore): Promise<LoadOutcome>
  loaded(source: WorldSource, sequence: number): Promise<LoadOutcome>
  /** Batches noted as missing in views. */
  missing(): Promise<MissingBatch[]>
  stop(): Promise<void>
}

interface AppendMore {
  readonly refused?: readonly unknown[]
  readonly schemaVersion?: number
}

export function column(name: string, type: string, expression: string | null = null): Column {
  return { name, type, jsonPath: `$.${name}`, default: expression, codec: null }
}

/** An id for a view or data source. */
export function newId(): string {
  return `t_${randomBytes(16).toString('hex')}`
}

/** Makes a materialized view; tells its name. */
export async function createView(
  world: World,
  source: WorldSource,
  target: string,
  select: string,
): Promise<string> {
  const name = `${newId()}_0_view`
  await world.sql(
    `CREATE MATERIALIZED VIEW ${source.database}.${name} TO ${source.database}.${target} AS ${select}`,
  )
  return name
}

/** Folders and sockets of a world. */
function placesIn(home: string, connection: TestPostgres['connection']) {
  const { host, port, user, database } = connection
  return {
    logDir: join(home, 'log'),
    spoolDir: join(home, 'spool'),
    engineSocketPath: join(home, 'engine.sock'),
    linkSocketPath: join(home, 'link.sock'),
    catalogUrl: `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`,
  }
}

/** An engine that can be killed and started again on the same folder and socket. */
async function startEngineIn(home: string, socketPath: string) {
  const boot = (): Promise<RunningEngine> =>
    startEngine({
      directory: join(home, 'engine'),
      env: {
        SANDPIPER_ENGINE_SOCKET: socketPath,
        SANDPIPER_ENGINE_MEMORY_BYTES: String(ENGINE_MEMORY_BYTES),
      },
    })
  let engine = await boot()
  return {
    kill: () => engine.kill(),
    pid: () => engine.pid,
    stop: () => engine.stop(),
    async start() {
      engine = await boot()
    },
  }
}

/** @param options.remote the engine is a server elsewhere: over TCP, under another host, through `proxy`, with no files in common. */
export async function startWorld(options: { readonly remote?: boolean } = {}): Promise<World> {
  const home = await mkdtemp(join(tmpdir(), 'sp-writer-'))
  const { catalog, postgres, stop: stopCatalog } = await startCatalog(createCatalog)
  const places = placesIn(home, postgres.connection)
  await mkdir(places.spoolDir)
  const engine = await startEngineIn(home, places.engineSocketPath)
  const log = await openEventLog({ dir: places.logDir, socketPath: places.linkSocketPath })
  const proxy = options.remote === true ? await startFaultProxy(places.engineSocketPath) : null
  const socketPath = places.engineSocketPath
  const clickhouse = createClickHouse({ url: 'http://engine', socketPath, loadsFiles: true })
  await ensureEmptyDatabase(clickhouse)
  let writer: RunningWriter | null = null
  const sql = (text: string): Promise<void> => clickhouse.command({ sql: text })
  const append: World['append'] = (source, rows, more = {}) =>
    log.append(frameOf(source, rows, more))

  async function loaded(source: WorldSource, sequence: number): Promise<LoadOutcome> {
    try {
      return await log.loaded(source.id, sequence, AbortSignal.timeout(WAIT_MAX_MS))
    } catch (err) {
      throw new Error(`not loaded: ${writer?.log() ?? 'no writer'}`, { cause: err })
    }
  }

  return {
    ...{ catalog, log, clickhouse, sql, append, loaded, proxy },
    spoolDir: places.spoolDir,
    missing: () => missingIn(catalog),
    writer() {
      if (writer === null) throw new Error('no writer was started')
      return writer
    },
    startWriter(env = {}) {
      writer = startWriter(places, { env: { ...serverOf(proxy), ...env } })
      return writer
    },
    killEngine: () => engine.kill(),
    enginePid: () => engine.pid(),
    startEngine: () => engine.start(),
    async workspace() {
      const { workspace } = await catalog.createWorkspace({ name: `w_${newId().slice(2, 12)}` })
      await sql(`CREATE DATABASE ${databaseName(workspace.id)} ENGINE = Atomic`)
      return workspace.id
    },
    async source(workspaceId, columns, engineText = 'MergeTree ORDER BY tuple()') {
      const source = newSource(workspaceId, columns)
      for (const statement of tablesSql(source, engineText)) await sql(statement)
      await catalog.putSchemas([source.schema])
      return source
    },
    async value(select) {
      const [row] = await clickhouse.rows<Record<string, unknown>>({ sql: select })
      return String(Object.values(row ?? {})[0])
    },
    async load(source, rows, more = {}) {
      return loaded(source, await append(source, rows, more))
    },
    async stop() {
      await writer?.kill()
      await clickhouse.close()
      await log.close()
      await proxy?.stop()
      await engine.stop()
      await stopCatalog()
      await rm(home, { recursive: true, force: true })
    },
  }
}

function serverOf(proxy: FaultProxy | null): Readonly<Record<string, string>> {
  return proxy === null ? {} : { SANDPIPER_CLICKHOUSE_URL: proxy.url }
}

async function missingIn(catalog: Catalog): Promise<MissingBatch[]> {
  const views = await catalog.missingViews()
  const lists = views.map((key) => catalog.missingBatches(key, 1_000))
  return (await Promise.all(lists)).flat()
}

function newSource(workspaceId: string, columns: Column[]): WorldSource {
  const id = newId()
  const database = databaseName(workspaceId)
  return {
    ...{ id, workspaceId, database },
    table: `${database}.${tableName(id, 0)}`,
    quarantine: `${database}.${quarantineTableName(id, 0)}`,
    schema: { dataSourceId: id, version: 1, workspaceId, generation: 0, columns },
  }
}

function tablesSql(source: WorldSource, engine: string): string[] {
  const { columns } = source.schema
  const list = (all: readonly Column[]): string => all.map(columnSql).join(', ')
  const settings = engine.startsWith('Null') ? '' : DURABLE
  return [
    `CREATE TABLE ${source.table} (${list(columns)}) ENGINE = ${engine} ${settings}`,
    `CREATE TABLE ${source.quarantine} (${list(quarantineColumns(columns))})
     ENGINE = MergeTree ORDER BY insertion_date TTL insertion_date + INTERVAL 10 DAY ${DURABLE}`,
  ]
}

function frameOf(source: WorldSource, rows: readonly unknown[], more: AppendMore): NewFrame {
  const refused = more.refused ?? []
  return {
    workspaceId: source.workspaceId,
    dataSourceId: source.id,
    schemaVersion: more.schemaVersion ?? 1,
    requestId: '01JKQ0000000000000000000AA',
    arrivedAtMs: Date.now(),
    idempotencyHash: null,
    rowCount: rows.length,
    refusedCount: refused.length,
    rows: ndjson(rows),
    refused: ndjson(refused),
  }
}

function columnSql({ name, type, default: expression }: Column): string {
  return `\`${name}\` ${type}${expression === null ? '' : ` DEFAULT ${expression}`}`
}

function ndjson(rows: readonly unknown[]): Buffer {
  const lines = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row)))
  return Buffer.from(lines.map((line) => `${line}\n`).join(''))
}
