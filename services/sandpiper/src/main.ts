// Sandpiper, all in one process tree. The order below is the order of the start; the end runs it backwards: first no request comes
// in any more, then the writer stops, then the log, then what both stand on.
import { randomUUID } from 'node:crypto'
import {
  createStorageSnapshots,
  ensureDefaultWorkspace,
  ensureServiceDataSources,
  hostOps,
  recoverDeployments,
  type ApiDeps,
} from '@sandpiper/api'
import {
  type Catalog,
  createCatalog,
  MigrationError,
  parseSecretKey,
  SecretKeyError,
  secretKeyFrom,
} from '@sandpiper/catalog'
import { type ClickHouse, createClickHouse, ensureEmptyDatabase } from '@sandpiper/clickhouse'
import { Fault } from '@sandpiper/faults'
import { INGEST_LIMITS, type IngestDeps } from '@sandpiper/ingest'
import { createBreakers } from '@sandpiper/quarantine'
import { createLogger, type Logger } from '@sandpiper/telemetry'

import { startEngine, startWriter, type ChildDeps } from './children.ts'
import { createClosing, type Closing } from './closing.ts'
import { readConfig, redacted, type Config } from './config.ts'
import { openDataDirectory } from './data-directory.ts'
import { DOOR_LIMITS, openDoor } from './door.ts'
import { greetPeople, greetPrograms, type Started } from './greeting.ts'
import { hostImports } from './host-imports.ts'
import { hostJobs } from './host-jobs.ts'
import { hostLog } from './host-log.ts'
import { createWriterQuestions } from './metrics/ask-writer.ts'
import { createHostCounters, hearNotes } from './metrics/host-metrics.ts'
import { createMetrics } from './metrics/metrics.ts'
import { sampleLog } from './metrics/sampled-log.ts'
import { startPostgres } from './postgres.ts'
import { serveProduct } from './serve-product.ts'
import { StartError } from './start-error.ts'
import type { Supervised } from './supervise.ts'
import { chooseUsers } from './users.ts'

/** Bytes of one result and of one body: Tinybird's limits. */
const LIMITS = { resultBytesMax: 100_000_000, bodyBytesMax: 100_000_000 }

try {
  const config = readConfig()
  const logger = createLogger({ service: 'sandpiper', level: config.logLevel })
  const closing = createClosing(logger)
  endOn(closing, logger)
  logger.info({ config: redacted(config) }, 'starting')
  const started = await start(config, logger, closing).catch(async (err: unknown) => {
    await closing.run()
    throw err
  })
  process.stdout.write(config.print === 'json' ? greetPrograms(started) : greetPeople(started))
} catch (err) {
  process.stderr.write(`sandpiper: ${reason(err)}\n`)
  process.exit(1)
}

async function start(config: Config, logger: Logger, closing: Closing): Promise<Started> {
  const users = chooseUsers()
  // What we make is for us and, where a child has a user of its own, for its group.
  process.umask(users.engine === null ? 0o077 : 0o027)
  const data = openDataDirectory(config.dataDir, users)
  closing.add('data directory', 200, () => {
    data.release()
  })
  const monotonicMs = (): number => performance.now()
  const counters = createHostCounters(monotonicMs)
  const door = await openDoor(config.host, config.port, {
    ...DOOR_LIMITS,
    connectionsMax: config.connectionsMax,
  })
  const deps: ChildDeps = { config, data, users, logger }

  const [postgres, engine] = await Promise.all([
    config.databaseUrl === null ? embeddedPostgres(deps, closing) : null,
    startEngine(deps).then((child) => {
      closing.add('engine', 1_100, () => child.stop(1_000))
      return child
    }),
  ])
  const catalogUrl = postgres?.url ?? config.databaseUrl ?? ''
  const { catalog, clickhouse, tokens } = await openStores(deps, catalogUrl, closing)

  const { log, keys } = await hostLog({
    ...{ data, catalog, logger },
    keeping: config.logKeeping,
    keyRetention: config.keyRetention,
    ...counters.logWatch,
  })
  closing.add('event log', 400, () => log.close())
  closing.add('idempotency keys', 300, () => keys.close())
  const ops = hostOps({ log, catalog, now: Date.now })
  const questions = createWriterQuestions(log)
  hearNotes(log, ops, questions)
  closing.add('ops log', 200, () => ops.buffer.close())
  const snapshots = createStorageSnapshots(
    {
      ...{ catalog, clickhouse, logger, now: Date.now },
      activity: () => ops.buffer.counters.taken + log.durable(),
      take: (row) => {
        ops.buffer.add(row)
      },
    },
    config.storageSeconds * 1_000,
  )
  closing.add('storage snapshots', 10, () => {
    snapshots.close()
  })
  const limits = {
    ...LIMITS,
    queryTimeoutSeconds: config.querySeconds,
    jobHistoryHours: config.jobs.historyHours,
  }
  const at = { host: config.host, port: door.port }
  const work = { catalog, clickhouse, log, keys, logger, ops: ops.ops, now: Date.now }
  const breakers = createBreakers({ ...work, monotonicMs })
  const imports = hostImports({ ...work, keys }, data.spool, config, () => api)
  const jobs = hostJobs(work, catalogUrl, config, [imports.kind], counters.jobs)
  const sampled = sampleLog(log, monotonicMs)
  const running: { writer: Supervised | null } = { writer: null }
  const metrics = createMetrics({
    ...{ ...counters, ...{ log, catalog, clickhouse, sampled } },
    ...{ logDir: data.log, writer: questions, ops: ops.buffer.counters },
    keys: () => ({ ...keys.counters() }),
    children: () => ({ engine, writer: running.writer, postgres }),
    jobs: () => ({ ...counters.jobs }),
  })
  const api: ApiDeps = {
    ...{ ...work, jobs, breakers, imports },
    metrics: { text: metrics, token: config.metricsToken },
    config: { ...limits, ...at },
  }
  // Before the writer runs: nobody else touches a table yet.
  await Promise.all([
    recoverDeployments(api),
    imports.start(),
    ensureServiceDataSources(api, { keptDays: config.opsDays }),
  ])
  const writer = await startWriter(deps, catalogUrl)
  running.writer = writer
  closing.add('writer', 1_100, () => writer.stop(1_000))
  const ingest: IngestDeps = {
    ...api,
    keys,
    log: sampled.log,
    counters: counters.ingest,
    breakers,
    monotonicMs,
    isDiskLow: () => log.space().refusal !== null,
    limits: { ...INGEST_LIMITS, ...config.events },
  }
  // Not awaited: it goes on by itself while the catalog is away.
  void jobs.start()
  closing.add('jobs', 900, () => jobs.close())
  door.open(counters.http.timed(serveProduct(api, ingest)))
  closing.add('http', 700, () => door.close(500))
  return {
    url: door.url,
    port: door.port,
    dataDir: config.dataDir,
    tokens,
    children: { engine: engine.pid(), writer: writer.pid(), postgres: postgres?.pid() ?? null },
  }
}

/** The catalog and ClickHouse, with a workspace to begin with. */
async function openStores(
  { config, data, logger }: ChildDeps,
  catalogUrl: string,
  closing: Closing,
): Promise<{ catalog: Catalog; clickhouse: ClickHouse; tokens: Started['tokens'] }> {
  const catalog = await createCatalog({
    connection: catalogUrl,
    secretKey:
      config.secretKey === null
        ? await secretKeyFrom(data.secretKeyFile)
        : parseSecretKey(config.secretKey),
    now: Date.now,
    newId: randomUUID,
    logger,
  })
  closing.add('catalog', 200, () => catalog.close())
  const clickhouse = createClickHouse({
    url: 'http://engine',
    socketPath: data.sockets.engine,
    loadsFiles: true,
  })
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

function endOn(closing: Closing, logger: Logger): void {
  const end = (code: number): void => {
    // However it goes: closing.run() never rejects and has its bounds.
    void closing.run().then(() => process.exit(code))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      logger.info({ signal }, 'stopping')
      end(0)
    })
  }
  process.on('uncaughtException', (err) => {
    logger.fatal({ err }, 'bug')
    end(1)
  })
}

/** One line for people; a bug keeps its stack. */
function reason(err: unknown): string {
  const isExpected = [StartError, SecretKeyError, MigrationError, Fault].some(
    (kind) => err instanceof kind,
  )
  if (isExpected && err instanceof Error) return err.message
  return err instanceof Error ? (err.stack ?? err.message) : String(err)
}
