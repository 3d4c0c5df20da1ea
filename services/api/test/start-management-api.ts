// The management routes on a real engine, a real Postgres and a real event log with a writer at its link. For tests only.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { getRequestListener } from '@hono/node-server'
import { createCatalog } from '@sandpiper/catalog'
import { createClickHouse, ensureEmptyDatabase } from '@sandpiper/clickhouse'
import { connectLink, openEventLog } from '@sandpiper/eventlog'
import { NO_BREAKERS } from '@sandpiper/quarantine'
import { NO_JOBS } from '@sandpiper/queue'
import { createLogger, NO_OPS } from '@sandpiper/telemetry'
import { startCatalog, startEngine } from '@sandpiper/testkit'

import type { ApiConfig, ApiDeps } from '../src/api-deps.ts'
import { createApiApp } from '../src/app.ts'
import { NO_IMPORTS } from '../src/imports-contract.ts'
import { allRoutes } from '../src/routes/all-routes.ts'
import {
  ensureDefaultWorkspace,
  type DefaultWorkspace,
} from '../src/routes/workspaces/ensure-default-workspace.ts'

/** One answer, read to its end. */
export interface Answer {
  readonly status: number
  /** Parsed JSON, or null when there is no body; the text of an answer that is text. */
  readonly body: unknown
  readonly headers: Headers
}

/** A running api, and what a test needs to look behind it. */
export interface TestApi {
  readonly deps: ApiDeps
  readonly home: DefaultWorkspace
  /** Workspaces whose turn was asked for, in order. */
  readonly turns: readonly string[]
  /** One request over HTTP, served as the product does, with a Bearer token (none when null). */
  call(method: string, path: string, token: string | null, init?: RequestInit): Promise<Answer>
  /** The same with a peer address and headers of its own, on a server bound to `boundTo`. */
  callFrom(
    caller: {
      peer?: string
      boundTo?: string
      httpVersion?: string
      headers: Record<string, string>
    },
    path: string,
  ): Promise<Answer>
  stop(): Promise<void>
}

const CONFIG: ApiConfig = {
  host: '127.0.0.1',
  port: 7181,
  queryTimeoutSeconds: 10,
  resultBytesMax: 100_000_000,
  bodyBytesMax: 100_000_000,
}

/** Starts everything, with the default workspace made. */
export async function startManagementApi(): Promise<TestApi> {
  const folder = await mkdtemp(join(tmpdir(), 'sp-api-'))
  const [engine, postgres] = await Promise.all([startEngine(), startCatalog(createCatalog)])
  const clickhouse = createClickHouse({
    url: 'http://engine',
    socketPath: engine.socketPath,
    loadsFiles: true,
  })
  await ensureEmptyDatabase(clickhouse)
  const socketPath = join(folder, 'link.sock')
  const log = await openEventLog({ dir: join(folder, 'log'), socketPath })
  const link = await connectLink({ socketPath })
  const turns: string[] = []
  link.onTurn((workspaceId) => {
    turns.push(workspaceId)
    return Promise.resolve()
  })
  const { catalog } = postgres
  const logger = createLogger({ service: 'test', level: 'silent' })
  const deps: ApiDeps = {
    catalog,
    clickhouse,
    log,
    logger,
    ops: NO_OPS,
    jobs: NO_JOBS,
    breakers: NO_BREAKERS,
    imports: NO_IMPORTS,
    now: Date.now,
    config: CONFIG,
  }
  const home = await ensureDefaultWorkspace(deps)
  const app = createApiApp(deps, allRoutes)
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    overrideGlobalObjects: false,
  })
  const server = createServer((req, res) => void listener(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    deps,
    home,
    turns,
    async call(method, path, token, init = {}) {
      const headers = new Headers(init.headers)
      if (token !== null) headers.set('Authorization', `Bearer ${token}`)
      return readAnswer(await fetch(`${origin}${path}`, { ...init, method, headers }))
    },
    async callFrom({ peer, boundTo = CONFIG.host, httpVersion = '1.1', headers }, path) {
      const bound = createApiApp({ ...deps, config: { ...CONFIG, host: boundTo } }, allRoutes)
      const env = { incoming: { httpVersion, socket: { remoteAddress: peer } } }
      return readAnswer(await bound.request(path, { headers }, env))
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await link.close()
      await log.close()
      await clickhouse.close()
      await Promise.all([engine.stop(), postgres.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text()
  const isText = response.headers.get('Content-Type')?.startsWith('text/') === true
  const body: unknown = isText ? text : text === '' ? null : JSON.parse(text)
  return { status: response.status, body, headers: response.headers }
}
