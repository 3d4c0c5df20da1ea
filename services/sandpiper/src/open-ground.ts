// What everything else stands on: Postgres and the engine as children, the catalog, ClickHouse, and the event log with its keys.
import { randomUUID } from 'node:crypto'
import { ensureDefaultWorkspace } from '@sandpiper/api'
import { type Catalog, createCatalog, parseSecretKey, secretKeyFrom } from '@sandpiper/catalog'
import {
  type ClickHouse,
  connectServers,
  createClickHouse,
  ensureEmptyDatabase,
} from '@sandpiper/clickhouse'
import type { EventLog } from '@sandpiper/eventlog'
import type { IdempotentLog, StreamPositions } from '@sandpiper/idempotency'
import { openRedis, type RedisLink } from '@sandpiper/redis'
import { createOutboundCounters, type OutboundCounters } from '@sandpiper/outbound'
import type { Logger } from '@sandpiper/telemetry'

import { restoreCatalog, takeOverTables } from './backups/restore-catalog.ts'
import { startEngine, type ChildDeps } from './children.ts'
import type { Closing } from './closing.ts'
import { createFetchJwks } from './fetch-jwks.ts'
import { createFileReader, type FileReader } from './file-reader.ts'
import type { Started } from './greeting.ts'
import { hostLog } from './host-log.ts'
import type { HostCounters } from './metrics/host-metrics.ts'
import { startPostgres } from './postgres.ts'
import type { Supervised } from './supervise.ts'

export interface Ground {
  readonly logger: Logger
  readonly catalogUrl: string
  readonly catalog: Catalog
  readonly clickhouse: ClickHouse
  /** Where files of ours can be read. */
  readonly files: FileReader
  readonly tokens: Started['tokens']
  readonly log: EventLog
  readonly keys: IdempotentLog
  /** How far streams were read. */
  readonly positions: StreamPositions
  /** null when processes share nothing through one. */
  readonly redis: RedisLink | null
  /** Requests to hosts that callers named, for the keys of JWTs too. */
  readonly outbound: OutboundCounters
  /** `writer` is null until it runs, `engine` and `postgres` when they are somebody else's. */
  readonly children: {
    readonly engine: Supervised | null
    readonly postgres: Awaited<ReturnType<typeof startPostgres>> | null
    writer: Supervised | null
  }
}

/** Starts and opens it all; each part is closed in its turn. */
export async function openGround(
  deps: ChildDeps,
  logWatch: HostCounters['logWatch'],
  closing: Closing,
): Promise<Ground> {
  const { config, data, logger } = deps
  takeOverTables(data, deps.users)
  const [postgres, engine] = await Promise.all([
    config.databaseUrl === null ? embeddedPostgres(deps, closing) : null,
    config.clickhouse === null ? embeddedEngine(deps, closing) : null,
  ])
  const catalogUrl = postgres?.url ?? config.databaseUrl ?? ''
  await restoreCatalog(data, catalogUrl, logger)
  const outbound = createOutboundCounters()
  const stores = await openStores(deps, { catalogUrl, outbound }, closing)
  const { catalog, clickhouse } = stores
  const files = config.clickhouse === null ? clickhouse : createFileReader(deps, closing)
  const { log, keys, positions } = await openLog(deps, { catalogUrl, catalog, logWatch }, closing)
  closing.add('event log', 400, () => log.close())
  closing.add('idempotency keys', 300, () => keys.close())
  closing.add('stream positions', 300, () => positions.close())
  const redis =
    config.redis === null
      ? null
      : await openRedis({ place: config.redis, logger, monotonicMs: () => performance.now() })
  if (redis !== null) closing.add('redis', 100, () => redis.close())
  const children = { engine, postgres, writer: null }
  return { logger, catalogUrl, ...stores, files, log, keys, positions, redis, outbound, children }
}

/** On the disk, or in Kafka: that is loaded only where there is one. */
async function openLog(
  { config, data, logger }: ChildDeps,
  about: Pick<Ground, 'catalogUrl' | 'catalog'> & { readonly logWatch: HostCounters['logWatch'] },
  closing: Closing,
): Promise<Pick<Ground, 'log' | 'keys' | 'positions'>> {
  const { catalogUrl, catalog, logWatch } = about
  const { kafka, keyRetention } = config
  if (kafka === null)
    return hostLog({
      ...{ data, catalog, logger, ...logWatch, keyRetention },
      keeping: config.logKeeping,
    })
  const { hostSharedLog } = await import('./host-shared-log.ts')
  const keysMs = keyRetention.ageMsMax
  return hostSharedLog({ kafka, catalogUrl, positionsDir: data.positions, keysMs, logger }, closing)
}

/** The catalog and ClickHouse, with a workspace to begin with. */
async function openStores(
  { config, data, logger }: ChildDeps,
  { catalogUrl, outbound }: Pick<Ground, 'catalogUrl' | 'outbound'>,
  closing: Closing,
): Promise<{ catalog: Catalog; clickhouse: ClickHouse; tokens: Started['tokens'] }> {
  const catalog = await createCatalog({
    connection: catalogUrl,
    ...config.database,
    // Our own was started a moment ago.
    ...(config.databaseUrl === null ? { waitMs: 0 } : {}),
    secretKey:
      config.secretKey === null
        ? await secretKeyFrom(data.secretKeyFile)
        : parseSecretKey(config.secretKey),
    now: Date.now,
    newId: randomUUID,
    logger,
    fetchJwks: createFetchJwks(logger, {
      privateHosts: config.importPrivateHosts,
      counters: outbound,
    }),
  })
  closing.add('catalog', 200, () => catalog.close())
  const clickhouse =
    config.clickhouse === null
      ? createClickHouse({
          url: 'http://engine',
          socketPath: data.sockets.engine,
          loadsFiles: true,
        })
      : connectServers(config.clickhouse.servers)
  closing.add('clickhouse client', 100, () => clickhouse.close())
  await ensureEmptyDatabase(clickhouse)
  const first = await ensureDefaultWorkspace({ catalog, clickhouse })
  const tokens = {
    workspace_admin_token: first.workspaceAdminToken,
    user_token: first.userToken,
    admin_token: first.adminToken,
  }
  return { catalog, clickhouse, tokens }
}

async function embeddedEngine(deps: ChildDeps, closing: Closing): Promise<Supervised> {
  const child = await startEngine(deps)
  closing.add('engine', 1_100, () => child.stop(1_000))
  return child
}

async function embeddedPostgres(
  { config, data, users, logger }: ChildDeps,
  closing: Closing,
): Promise<Awaited<ReturnType<typeof startPostgres>>> {
  const postgres = await startPostgres({
    directory: data.postgres,
    socketDirectory: data.sockets.postgres,
    users,
    env: config.childEnvironment,
    logger,
  })
  closing.add('postgres', 900, () => postgres.stop(800))
  return postgres
}
