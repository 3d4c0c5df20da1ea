// A whole ingest path for the writer's tests: real log, Postgres, engine and writer, each of which can be killed.
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Catalog, SchemaVersion } from '@sandpiper/catalog'
import { type ClickHouse, createClickHouse } from '@sandpiper/clickhouse'
import type { Column } from '@sandpiper/datafile'
import { databaseName, quarantineTableName, tableName } from '@sandpiper/deployment'
import { type EventLog, type LoadOutcome, openEventLog } from '@sandpiper/eventlog'
import {
  type RunningEngine,
  type RunningWriter,
  startCatalog,
  startEngine,
  startWriter,
} from '@sandpiper/testkit'
import { createMissingViews, type MissingBatch } from '../src/missing-views.ts'

export const DURABLE =
  'SETTINGS fsync_after_insert=1, fsync_part_directory=1, min_rows_to_fsync_after_merge=1'

const WAIT_MAX_MS = 40_000

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
  writer(): RunningWriter
  /** Starts a writer, e.g. one that dies at a step. */
  startWriter(env?: Readonly<Record<string, string>>): RunningWriter
  killEngine(): Promise<void>
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

export interface AppendMore {
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

export async function startWorld(): Promise<World> {
  const home = await mkdtemp(join(tmpdir(), 'sp-writer-'))
  const [logDir, spoolDir] = [join(home, 'log'), join(home, 'spool')]
  await mkdir(spoolDir)
  const engineSocketPath = join(home, 'engine.sock')
  const linkSocketPath = join(home, 'link.sock')
  const { catalog, postgres, stop: stopCatalog } = await startCatalog()
  const { host, port, user, database } = postgres.connection
  const catalogUrl = `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`
  const bootEngine = (): Promise<RunningEngine> =>
    startEngine({
      directory: join(home, 'engine'),
      env: { SANDPIPER_ENGINE_SOCKET: engineSocketPath },
    })
  let engine = await bootEngine()
  const log = await openEventLog({ dir: logDir, socketPath: linkSocketPath })
  const clickhouse = createClickHouse({
    url: 'http://engine',
    socketPath: engineSocketPath,
    loadsFiles: true,
  })
  const places = { logDir, linkSocketPath, spoolDir, engineSocketPath, catalogUrl }
  let writer: RunningWriter | null = null
  const sql = (text: string): Promise<void> => clickhouse.command({ sql: text })

  async function append(
    source: WorldSource,
    rows: readonly unknown[],
    more: AppendMore = {},
  ): Promise<number> {
    const refused = more.refused ?? []
    return log.append({
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
    })
  }

  async function loaded(source: WorldSource, sequence: number): Promise<LoadOutcome> {
    try {
      return await log.loaded(source.id, sequence, AbortSignal.timeout(WAIT_MAX_MS))
    } catch (err) {
      throw new Error(`not loaded: ${writer?.log() ?? 'no writer'}`, { cause: err })
    }
  }

  return {
    catalog,
    log,
    clickhouse,
    spoolDir,
    sql,
    append,
    loaded,
    missing: () => createMissingViews(join(spoolDir, 'missing')).list(),
    writer() {
      if (writer === null) throw new Error('no writer was started')
      return writer
    },
    startWriter(env = {}) {
      writer = startWriter(places, { env })
      return writer
    },
    killEngine: () => engine.kill(),
    async startEngine() {
      engine = await bootEngine()
    },
    async workspace() {
      const { workspace } = await catalog.createWorkspace({ name: `w_${newId().slice(2, 12)}` })
      await sql(`CREATE DATABASE ${databaseName(workspace.id)} ENGINE = Atomic`)
      return workspace.id
    },
    async source(workspaceId, columns, engineText = 'MergeTree ORDER BY tuple()') {
      const id = newId()
      const schema = { dataSourceId: id, version: 1, workspaceId, generation: 0, columns }
      const db = databaseName(workspaceId)
      const table = `${db}.${tableName(id, 0)}`
      const quarantine = `${db}.${quarantineTableName(id, 0)}`
      const settings = engineText.startsWith('Null') ? '' : DURABLE
      await sql(`CREATE TABLE ${table} (${columns.map(columnSql).join(', ')})
                 ENGINE = ${engineText} ${settings}`)
      await sql(`CREATE TABLE ${quarantine} (${columns.map(({ name }) => `\`${name}\` Nullable(String)`).join(', ')},
                 c__error_column Array(String), c__error Array(String), c__import_id Nullable(String),
                 insertion_date DateTime DEFAULT now(), c__raw Nullable(String))
                 ENGINE = MergeTree ORDER BY insertion_date TTL insertion_date + INTERVAL 10 DAY ${DURABLE}`)
      await catalog.putSchemas([schema])
      return { id, workspaceId, database: db, table, quarantine, schema }
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
      await engine.stop()
      await stopCatalog()
      await rm(home, { recursive: true, force: true })
    },
  }
}

function columnSql({ name, type, default: expression }: Column): string {
  return `\`${name}\` ${type}${expression === null ? '' : ` DEFAULT ${expression}`}`
}

function ndjson(rows: readonly unknown[]): Buffer {
  const lines = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row)))
  return Buffer.from(lines.map((line) => `${line}\n`).join(''))
}
