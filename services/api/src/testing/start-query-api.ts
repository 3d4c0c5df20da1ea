// The query routes on a real engine and a real catalog, with a small workspace of known rows. For tests only.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { getRequestListener } from '@hono/node-server'
import { createCatalog, type Catalog } from '@sandpiper/catalog'
import { type ClickHouse, createClickHouse, ensureEmptyDatabase } from '@sandpiper/clickhouse'
import { plainDataSource, type Column, type NodeType } from '@sandpiper/datafile'
import {
  databaseName,
  emptyMap,
  tableName,
  type DeployedDataSource,
  type DeployedPipe,
  type DeploymentMap,
} from '@sandpiper/deployment'
import type { EventLog } from '@sandpiper/eventlog'
import { NO_BREAKERS } from '@sandpiper/quarantine'
import { NO_JOBS } from '@sandpiper/queue'
import { createLogger, NO_OPS } from '@sandpiper/telemetry'
import { startCatalog, startEngine, type RunningEngine } from '@sandpiper/testkit'
import type { Scope } from '@sandpiper/tokens'

import type { ApiConfig, ApiDeps } from '../api-deps.ts'
import { createApiApp, type ApiApp } from '../app.ts'
import { NO_IMPORTS } from '../imports-contract.ts'
import { createResultCache } from '../query/result-cache.ts'
import { queryRoutes } from '../routes/query-routes.ts'

/** A running api without a port, and what a test needs to look behind it. */
export interface QueryApi {
  readonly deps: ApiDeps
  readonly engine: RunningEngine
  readonly app: ApiApp
  readonly workspaceId: string
  /** `ws_...` of the workspace. */
  readonly database: string
  readonly adminToken: string
  /** Makes a token with these rights, gives its value. */
  token(...scopes: (Partial<Scope> & Pick<Scope, 'type'>)[]): Promise<string>
  /** One request with a Bearer token (none when null). */
  call(path: string, token: string | null, init?: RequestInit): Promise<Response>
  /** The same app behind a real port, for what only a socket shows. */
  listen(): Promise<{ readonly url: string; readonly server: Server }>
  /** The same catalog, opened as another process would. */
  openCatalog(): Promise<Catalog>
  stop(): Promise<void>
}

const CONFIG: ApiConfig = {
  host: '127.0.0.1',
  port: 7181,
  queryTimeoutSeconds: 10,
  resultBytesMax: 100_000_000,
  bodyBytesMax: 100_000_000,
}

/** Nodes of the test pipes: name, SQL, type. */
export type TestPipes = Readonly<Record<string, readonly (readonly [string, string, NodeType])[]>>

export const EVENTS_ID = `t_${'a'.repeat(32)}`
export const USERS_ID = `t_${'b'.repeat(32)}`

/** Starts everything: data sources `events` (day, name, n: 3 rows) and `users` (name), and these pipes, live. */
export async function startQueryApi(
  pipes: TestPipes,
  config: Partial<ApiConfig> = {},
  other: Partial<Pick<ApiDeps, 'ops' | 'querySlots'>> = {},
): Promise<QueryApi> {
  const [engine, postgres] = await Promise.all([startEngine(), startCatalog(createCatalog)])
  const clickhouse = await connect(engine.socketPath)
  const { catalog } = postgres
  const { workspace, adminToken } = await catalog.createWorkspace({ name: 'queries' })
  const database = databaseName(workspace.id)
  await createTables(clickhouse.command.bind(clickhouse), database)
  await promoteMap(catalog, workspace.id, mapOf(pipes))
  const deps: ApiDeps = {
    catalog,
    clickhouse,
    log: NO_LOG,
    logger: createLogger({ service: 'test', level: 'silent' }),
    ops: NO_OPS,
    jobs: NO_JOBS,
    breakers: NO_BREAKERS,
    imports: NO_IMPORTS,
    resultCache: createResultCache(Date.now),
    now: Date.now,
    config: { ...CONFIG, ...config },
    ...other,
  }
  const app = createApiApp(deps, [queryRoutes])
  const servers: Server[] = []
  return {
    deps,
    engine,
    app,
    workspaceId: workspace.id,
    database,
    adminToken: adminToken.value,
    async token(...scopes) {
      const made = await catalog.createToken({
        workspaceId: workspace.id,
        name: `token ${Math.random()}`,
        scopes: scopes.map((scope) => ({
          resource: null,
          filter: null,
          fixedParams: null,
          ...scope,
        })),
        origin: { type: 'C', resourceId: null },
      })
      return made.value
    },
    async call(path, token, init = {}) {
      const headers = new Headers(init.headers)
      if (token !== null) headers.set('Authorization', `Bearer ${token}`)
      return app.request(path, { ...init, headers })
    },
    async listen() {
      const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
      const server = createServer((req, res) => void listener(req, res))
      servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
    },
    openCatalog: () => postgres.open(),
    async stop() {
      for (const server of servers) server.closeAllConnections()
      for (const server of servers) server.close()
      await clickhouse.close()
      await Promise.all([engine.stop(), postgres.stop()])
    },
  }
}

/** Makes a map live, as a deployment does. */
export async function promoteMap(
  catalog: Catalog,
  workspaceId: string,
  map: DeploymentMap,
): Promise<void> {
  const about = { workspaceId, kind: 'deploy', plan: null, feedback: [] } as const
  const deployment = await catalog.createDeployment({ ...about, map })
  await catalog.promote(workspaceId, deployment.number)
}

async function connect(socketPath: string): Promise<ClickHouse> {
  const clickhouse = createClickHouse({ url: 'http://engine', socketPath, loadsFiles: true })
  await ensureEmptyDatabase(clickhouse)
  return clickhouse
}

/** No query route appends: calling it would be the bug. */
const NO_LOG = new Proxy({} as EventLog, {
  get(_, name) {
    throw new Error(`the query routes used the event log: ${String(name)}`)
  },
})

async function createTables(
  command: (request: { sql: string }) => Promise<void>,
  database: string,
): Promise<void> {
  const events = `${database}.${tableName(EVENTS_ID, 1)}`
  const users = `${database}.${tableName(USERS_ID, 3)}`
  await command({ sql: `CREATE DATABASE ${database} ENGINE = Atomic` })
  await command({
    sql: `CREATE TABLE ${events} (day Date, name String, n UInt64) ENGINE = MergeTree ORDER BY day`,
  })
  await command({ sql: `CREATE TABLE ${users} (name String) ENGINE = MergeTree ORDER BY name` })
  await command({
    sql: `INSERT INTO ${events} SELECT * FROM values('day Date, name String, n UInt64', ('2026-01-01', 'a', 1), ('2026-01-02', 'b', 2), ('2026-01-03', 'a', 18446744073709551615))`,
  })
  await command({ sql: `INSERT INTO ${users} SELECT 'secret user'` })
}

const AT = '2026-11-21T00:00:00.000Z'

function mapOf(pipes: TestPipes): DeploymentMap {
  return {
    ...emptyMap(),
    dataSources: {
      events: dataSource('events', EVENTS_ID, 1, { day: 'Date', name: 'String', n: 'UInt64' }),
      users: dataSource('users', USERS_ID, 3, { name: 'String' }),
    },
    pipes: Object.fromEntries(
      Object.entries(pipes).map(([name, nodes]) => [name, pipe(name, nodes)]),
    ),
  }
}

/** Id of a test pipe: its name in hex. */
export function pipeId(name: string): string {
  return `t_${Buffer.from(name).toString('hex').padEnd(32, '0').slice(0, 32)}`
}

function pipe(name: string, nodes: TestPipes[string]): DeployedPipe {
  return {
    id: pipeId(name),
    nodeIds: nodes.map((_, index) => `t_${String(index).padStart(32, '0')}`),
    view: null,
    createdAt: AT,
    updatedAt: AT,
    file: {
      kind: 'pipe',
      name,
      description: null,
      tokens: [],
      tags: null,
      settings: {},
      nodes: nodes.map(([node, sql, type]) => ({
        name: node,
        sql,
        type,
        description: null,
        settings: {},
      })),
    },
  }
}

function dataSource(
  name: string,
  id: string,
  generation: number,
  types: Readonly<Record<string, string>>,
): DeployedDataSource {
  const columns: Column[] = Object.entries(types).map(([column, type]) => ({
    name: column,
    type,
    jsonPath: `$.${column}`,
    default: null,
    codec: null,
  }))
  return {
    id,
    generation,
    schemaVersion: 1,
    createdAt: AT,
    updatedAt: AT,
    file: plainDataSource(name, columns),
  }
}
