// Ingest on a real Postgres and a real event log, with a writer's link that a test plays. For tests only.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCatalog, type Catalog } from '@sandpiper/catalog'
import { plainDataSource, type Column } from '@sandpiper/datafile'
import { emptyMap, type DeploymentMap } from '@sandpiper/deployment'
import {
  connectLink,
  diskFiles,
  openEventLog,
  openLogReader,
  type EventLog,
  type EventLogOptions,
  type Frame,
  type LogFiles,
  type WriterLink,
} from '@sandpiper/eventlog'
import { type IdempotentLog, openKeyMemory } from '@sandpiper/idempotency'
import { NO_BREAKERS } from '@sandpiper/quarantine'
import { createLogger, NO_OPS } from '@sandpiper/telemetry'
import { startCatalog } from '@sandpiper/testkit'
import type { Scope } from '@sandpiper/tokens'
import { createIngestListener } from '../create-ingest-listener.ts'
import { createIngestCounters } from '../ingest-counters.ts'
import { INGEST_LIMITS, type IngestDeps, type IngestLimits } from '../ingest-deps.ts'

/** The listener on a port of its own. */
export interface TestApp {
  readonly server: Server
  readonly counters: IngestDeps['counters']
  port(): Promise<number>
  /** Sends a request; the path begins with a slash. */
  request(path: string, init?: RequestInit): Promise<Response>
}

export interface TestIngest {
  readonly app: TestApp
  readonly deps: IngestDeps
  readonly catalog: Catalog
  readonly log: EventLog
  readonly workspaceId: string
  /** Id of the data source `events`: n Int32, s Nullable(String), big UInt64 DEFAULT 7. */
  readonly eventsId: string
  /** Values of tokens: workspace admin, APPEND on events, CREATE, READ on events. */
  readonly tokens: {
    readonly admin: string
    readonly append: string
    readonly create: string
    readonly read: string
  }
  /** Posts to /v0/events with the APPEND token unless told otherwise. */
  post(
    query: string,
    body: NonNullable<RequestInit['body']>,
    init?: { token?: string | null; headers?: Record<string, string> },
  ): Promise<Answer>
  /** Every frame in the log after `sequence`. */
  framesAfter(sequence: number): Promise<Frame[]>
  /** Another app on the same catalog and log. */
  appWith(limits: Partial<IngestLimits>, deps?: Partial<IngestDeps>): TestApp
  connectWriter(): Promise<WriterLink>
  stop(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly headers: Headers
}

export async function startIngest(
  options: {
    limits?: Partial<IngestLimits>
    log?: Partial<EventLogOptions>
    /** Stands between the log and the disk. */
    wrapFiles?: (files: LogFiles) => LogFiles
  } = {},
): Promise<TestIngest> {
  const folder = await mkdtemp(join(tmpdir(), 'ingest-'))
  const running = await startCatalog(createCatalog)
  const { catalog } = running
  const dir = join(folder, 'log')
  const socketPath = join(folder, 'link.sock')
  const files = options.wrapFiles === undefined ? {} : { files: options.wrapFiles(diskFiles(dir)) }
  const logger = createLogger({ service: 'test', level: 'silent' })
  const log = await openEventLog({ dir, socketPath, ...files, ...options.log })
  const keys = await openKeys(folder, dir, log)
  const { workspaceId, eventsId, tokens } = await deployEvents(catalog)
  const deps: IngestDeps = {
    catalog,
    log,
    keys,
    logger,
    ops: NO_OPS,
    counters: createIngestCounters(),
    breakers: NO_BREAKERS,
    now: Date.now,
    monotonicMs: () => performance.now(),
    isDiskLow: () => false,
    limits: { ...INGEST_LIMITS, ...options.limits },
  }
  const apps: TestApp[] = []
  const listen = (its: IngestDeps): TestApp => {
    const app = createTestApp(its)
    apps.push(app)
    return app
  }
  const app = listen(deps)
  return {
    app,
    deps,
    catalog,
    log,
    workspaceId,
    eventsId,
    tokens,
    post: (query, body, how = {}) => postEvents(app, query, body, { token: tokens.append, ...how }),
    framesAfter: (sequence) => readFrames(dir, sequence + 1, log.durable()),
    appWith: (limits, others) =>
      listen({
        ...deps,
        counters: createIngestCounters(),
        ...others,
        limits: { ...deps.limits, ...limits },
      }),
    connectWriter: () => connectLink({ socketPath }),
    async stop() {
      for (const { server } of apps) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
      await keys.close()
      await log.close()
      await running.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function openKeys(folder: string, dir: string, log: EventLog): Promise<IdempotentLog> {
  const logger = createLogger({ service: 'test', level: 'silent' })
  const memory = await openKeyMemory({ dir: join(folder, 'keys'), logger, now: Date.now })
  const reader = openLogReader({ dir, onDamage: () => undefined })
  const keys = await memory.follow(log, reader)
  await reader.close()
  return keys
}

async function postEvents(
  app: TestApp,
  query: string,
  body: RequestInit['body'],
  { token, headers = {} }: { token?: string | null; headers?: Record<string, string> },
): Promise<Answer> {
  const authorization: Record<string, string> =
    token === null || token === undefined ? {} : { Authorization: `Bearer ${token}` }
  const response = await app.request(`/v0/events?${query}`, {
    method: 'POST',
    body: body ?? null,
    headers: { ...authorization, ...headers },
  })
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    headers: response.headers,
  }
}

function createTestApp(deps: IngestDeps): TestApp {
  const server = createServer(createIngestListener(deps)).listen(0, '127.0.0.1')
  const listening = once(server, 'listening')
  const port = async (): Promise<number> => {
    await listening
    return (server.address() as AddressInfo).port
  }
  return {
    server,
    counters: deps.counters,
    port,
    request: async (path, init) => fetch(`http://127.0.0.1:${await port()}${path}`, init),
  }
}

/** A workspace whose live deployment has the data source, with one token of each kind. */
async function deployEvents(
  catalog: Catalog,
): Promise<Pick<TestIngest, 'workspaceId' | 'eventsId' | 'tokens'>> {
  const { workspace, adminToken } = await catalog.createWorkspace({ name: 'home' })
  const eventsId = `t_${randomUUID().replaceAll('-', '')}`
  const first = await catalog.createDeployment({
    workspaceId: workspace.id,
    kind: 'deploy',
    map: mapOf(eventsId, 1, []),
    plan: null,
    feedback: [],
  })
  await catalog.updateDeployment(workspace.id, first.number, { status: 'data_ready' })
  await catalog.promote(workspace.id, first.number)
  const tokenOf = async (
    name: string,
    scope: Pick<Scope, 'type' | 'resource'>,
  ): Promise<string> => {
    const origin = { type: 'C', resourceId: null } as const
    const scopes = [{ ...scope, filter: null, fixedParams: null }]
    return (await catalog.createToken({ workspaceId: workspace.id, name, scopes, origin })).value
  }
  const tokens = {
    admin: adminToken.value,
    append: await tokenOf('append', { type: 'DATASOURCES:APPEND', resource: eventsId }),
    create: await tokenOf('create', { type: 'DATASOURCES:CREATE', resource: null }),
    read: await tokenOf('read', { type: 'DATASOURCES:READ', resource: eventsId }),
  }
  return { workspaceId: workspace.id, eventsId, tokens }
}

async function readFrames(dir: string, from: number, upTo: number): Promise<Frame[]> {
  const reader = openLogReader({ dir, onDamage: () => undefined })
  const frames: Frame[] = []
  const { signal } = new AbortController()
  for await (const ref of reader.scan(from, upTo, signal)) frames.push(await reader.read(ref))
  await reader.close()
  return frames
}

/** A map with the data source `events` and one view on it. */
export function mapOf(
  eventsId: string,
  schemaVersion: number,
  more: readonly Column[],
): DeploymentMap {
  const column = (name: string, type: string, expression: string | null = null): Column => ({
    name,
    type,
    jsonPath: `$.${name}`,
    default: expression,
    codec: null,
  })
  const time = '2026-11-21T00:00:00.000Z'
  const file = plainDataSource('events', [
    column('n', 'Int32'),
    column('s', 'Nullable(String)'),
    column('big', 'UInt64', '7'),
    ...more,
  ])
  return {
    ...emptyMap(),
    dataSources: {
      events: {
        id: eventsId,
        generation: 1,
        schemaVersion,
        file,
        createdAt: time,
        updatedAt: time,
      },
    },
  }
}
