// The api with the real engine, Postgres, event log and writer, for tests of deployments. Events go through the log like real ones.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createCatalog } from '@sandpiper/catalog'
import { createClickHouse, ensureEmptyDatabase } from '@sandpiper/clickhouse'
import { databaseName, findDataSource, tableName, type DeploymentMap } from '@sandpiper/deployment'
import { openEventLog } from '@sandpiper/eventlog'
import { compileSchema, decodeBody } from '@sandpiper/rows'
import { NO_BREAKERS } from '@sandpiper/quarantine'
import { NO_JOBS } from '@sandpiper/queue'
import { createLogger, NO_OPS } from '@sandpiper/telemetry'
import { startCatalog, startEngine, startWriter } from '@sandpiper/testkit'

import type { ApiDeps } from '../src/api-deps.ts'
import { createApiApp, type ApiApp } from '../src/app.ts'
import type { Deployer } from '../src/deployments/deployer.ts'
import { deployerOf } from '../src/deployments/recover-deployments.ts'
import { NO_IMPORTS } from '../src/imports-contract.ts'
import { allRoutes } from '../src/routes/all-routes.ts'
import { addWorkspace } from '../src/routes/workspaces/workspace-lifecycle.ts'

export interface Workspace {
  readonly id: string
  readonly token: string
  map(): Promise<DeploymentMap>
  /** Appends rows like ingest does, by the live map. @returns the position to wait for. */
  send(name: string, rows: readonly Record<string, unknown>[]): Promise<number>
  /** Appends rows and waits until they are everywhere. */
  load(name: string, rows: readonly Record<string, unknown>[]): Promise<void>
  loaded(name: string, sequence: number): Promise<void>
  /** Rows of a SELECT, in which `{name}` stands for the live table of a data source. */
  rows(sql: string): Promise<Record<string, unknown>[]>
  /** Names of all tables and views in the workspace's database. */
  objects(): Promise<string[]>
  call(
    method: string,
    path: string,
    init?: RequestInit,
  ): Promise<{ status: number; body: Record<string, unknown>; text: string }>
  /** POSTs a project the way the SDK does. */
  project(path: string, files: Readonly<Record<string, string>>): Promise<Record<string, unknown>>
}

export interface DeploymentApi {
  readonly deps: ApiDeps
  /** Folder of the event log. */
  readonly logDir: string
  readonly app: ApiApp
  /** A deployer that removes replaced tables when told to, by idle({ cleanNow: true }). */
  readonly deployer: Deployer
  workspace(): Promise<Workspace>
  stop(): Promise<void>
}

export async function startDeploymentApi(): Promise<DeploymentApi> {
  const folder = await mkdtemp(join(tmpdir(), 'sp-deploy-'))
  const [engine, postgres] = await Promise.all([startEngine(), startCatalog(createCatalog)])
  const clickhouse = createClickHouse({
    url: 'http://engine',
    socketPath: engine.socketPath,
    loadsFiles: true,
  })
  await ensureEmptyDatabase(clickhouse)
  const [logDir, linkSocketPath, spoolDir] = [
    join(folder, 'log'),
    join(folder, 'link.sock'),
    join(folder, 'spool'),
  ]
  await mkdir(spoolDir)
  const log = await openEventLog({ dir: logDir, socketPath: linkSocketPath })
  const { host, port, user, database } = postgres.postgres.connection
  const catalogUrl = `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`
  const writer = startWriter({
    logDir,
    linkSocketPath,
    spoolDir,
    engineSocketPath: engine.socketPath,
    catalogUrl,
  })
  const deps: ApiDeps = {
    ...{ catalog: postgres.catalog, clickhouse, log, now: Date.now },
    logger: createLogger({ service: 'test', level: 'silent' }),
    ops: NO_OPS,
    jobs: NO_JOBS,
    breakers: NO_BREAKERS,
    imports: NO_IMPORTS,
    config: {
      host: '127.0.0.1',
      port: 7181,
      queryTimeoutSeconds: 10,
      resultBytesMax: 100_000_000,
      bodyBytesMax: 10_000_000,
    },
  }
  const app = createApiApp(deps, allRoutes)
  let made = 0
  return {
    deps,
    logDir,
    app,
    deployer: deployerOf(deps),
    async workspace() {
      const { workspace, adminToken } = await addWorkspace(deps, { name: `w_${++made}` })
      return workspaceOf(deps, app, workspace.id, adminToken.value)
    },
    async stop() {
      await writer.stop()
      await log.close()
      await clickhouse.close()
      await Promise.all([engine.stop(), postgres.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function workspaceOf(deps: ApiDeps, app: ApiApp, id: string, token: string): Workspace {
  const map = async (): Promise<DeploymentMap> => (await deps.catalog.liveMap(id)).map
  const workspace: Workspace = {
    ...{ id, token, map },
    async send(name, rows) {
      const source = findDataSource(await map(), name)!
      const body = Buffer.from(rows.map((each) => `${JSON.stringify(each)}\n`).join(''))
      const decoded = await decodeBody(body, compileSchema(source.file.columns), { now: Date.now })
      const { rows: good, rowCount, refused, refusedCount } = decoded
      return deps.log.append({
        ...{ workspaceId: id, dataSourceId: source.id, schemaVersion: source.schemaVersion },
        ...{ requestId: 'test', arrivedAtMs: Date.now(), idempotencyHash: null },
        ...{ rows: good, rowCount, refused, refusedCount },
      })
    },
    async loaded(name, sequence) {
      const source = findDataSource(await map(), name)!
      await deps.log.loaded(source.id, sequence, AbortSignal.timeout(30_000))
    },
    async load(name, rows) {
      await workspace.loaded(name, await workspace.send(name, rows))
    },
    async rows(sql) {
      const { dataSources } = await map()
      const text = sql.replace(/\{(\w+)\}/g, (_, name: string) => {
        const { id: source, generation } = dataSources[name.replace(/_quarantine$/, '')]!
        const table = tableName(source, generation)
        return `${databaseName(id)}.${table}${name.endsWith('_quarantine') ? '_quarantine' : ''}`
      })
      return deps.clickhouse.rows({ sql: text })
    },
    async objects() {
      const sql = 'SELECT name FROM system.tables WHERE database = {database:String} ORDER BY name'
      const rows = await deps.clickhouse.rows<{ name: string }>({
        sql,
        params: { database: databaseName(id) },
      })
      return rows.map((each) => each.name)
    },
    async call(method, path, init = {}) {
      const headers = new Headers(init.headers)
      headers.set('Authorization', `Bearer ${token}`)
      const response = await app.request(path, { ...init, method, headers })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.includes('json') === true
      return {
        status: response.status,
        text,
        body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
      }
    },
    async project(path, files) {
      const form = new FormData()
      for (const [name, text] of Object.entries(files))
        form.append('data_project://', new Blob([text], { type: 'text/plain' }), name)
      return (await workspace.call('POST', path, { body: form })).body
    },
  }
  return workspace
}
