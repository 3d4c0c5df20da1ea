// The api and ingest with all they use: jobs, imports, quarantine alarms, the service data sources and the metrics.
import {
  createConsoleFiles,
  createEventTap,
  createResultCache,
  RESULT_CACHE_LIMITS,
  type ApiDeps,
  type EventTap,
} from '@sandpiper/api'
import { INGEST_LIMITS, type IngestDeps } from '@sandpiper/ingest'
import type { Jobs } from '@sandpiper/jobs'
import { createOpenSocket, createOutbound } from '@sandpiper/outbound'
import { createSharedLimits } from '@sandpiper/redis'
import { createBreakers } from '@sandpiper/quarantine'
import { createSchemaRegistries } from '@sandpiper/registry'
import { fileURLToPath } from 'node:url'

import { createBackups } from './backups/create-backups.ts'
import type { Closing } from './closing.ts'
import type { Config } from './config.ts'
import type { DataDirectory } from './data-directory.ts'
import type { Door } from './door.ts'
import { hostCopies, type HostedCopies } from './host-copies.ts'
import { hostImports, type HostedImports } from './host-imports.ts'
import { hostJobs } from './host-jobs.ts'
import { hostKafka, type HostedKafka } from './host-kafka.ts'
import { countBranches, limitsOfQueries, querySlots } from './host-queries.ts'
import { keepOps } from './keep-ops.ts'
import type { HostCounters } from './metrics/host-metrics.ts'
import { watchLoads } from './metrics/load-watch.ts'
import { createMetrics } from './metrics/metrics.ts'
import { sampleLog } from './metrics/sampled-log.ts'
import type { Ground } from './open-ground.ts'

export interface HostedApi {
  readonly api: ApiDeps
  readonly ingest: IngestDeps
  readonly jobs: Jobs
  readonly imports: HostedImports
  readonly copies: HostedCopies
  /** To be closed before the port: a tail lasts as long as somebody watches. */
  readonly tap: EventTap
  readonly kafka: HostedKafka
}

/** Bytes of one body: Tinybird's limit. */
const BODY_BYTES_MAX = 100_000_000

/** From the sources and from the bundle alike. */
const CONSOLE = fileURLToPath(new URL('../../../web/dist', import.meta.url))

/** Builds them; nothing runs yet but what keeps the ops rows. */
export function hostApi(
  ground: Ground,
  counters: HostCounters,
  place: { readonly config: Config; readonly data: DataDirectory; readonly door: Door },
  closing: Closing,
): HostedApi {
  const { catalog, clickhouse, log, keys, logger } = ground
  const { config, data, door } = place
  const monotonicMs = (): number => performance.now()
  const { ops, questions } = keepOps(ground, config.storageSeconds, closing)
  const work = { catalog, clickhouse, log, keys, logger, ops: ops.ops, now: Date.now }
  const breakers = createBreakers({ ...work, monotonicMs })
  const outbound = createOutbound({
    ...{ privateHosts: config.importPrivateHosts, counters: ground.outbound },
  })
  const readsFiles = { ...work, files: ground.files }
  const imports = hostImports(readsFiles, data.spool, outbound, config, () => api)
  const slots = countBranches(querySlots(config), catalog)
  const copies = hostCopies({ ...work, slots }, data.spool, config, () => api)
  const withOutbound = { ...work, outbound }
  const jobs = hostJobs(
    withOutbound,
    ground.catalogUrl,
    config,
    [imports.kind, copies.kind, copies.populationKind],
    counters.jobs,
  )
  const resultCache = createResultCache(Date.now, { ...RESULT_CACHE_LIMITS, ...config.resultCache })
  const tap = createEventTap()
  const connections = connectionTools(ground, config)
  const kafka = hostKafka({
    ...{ ...work, breakers, tap, positions: ground.positions, tools: connections },
    counters: counters.kafka,
  })
  const sampled = sampleLog(log, monotonicMs)
  const loads = watchLoads(sampled.log, monotonicMs)
  const metrics = createMetrics({
    ...{ ...counters, log, catalog, clickhouse, sampled },
    ...{ logDir: data.log, writer: questions, ops: [ops.buffer.counters, ops.requests.counters] },
    ...{ breakers: breakers.counters, tap: tap.counters, copies: copies.counters },
    ...{ imports: imports.counters, importBuffer: imports.gauge },
    ...{ outbound: ground.outbound, resultCache: resultCache.counters, querySlots: slots.counters },
    door: () => door.counters(),
    redis: ground.redis,
    keys: () => ({ ...keys.counters() }),
    children: () => ground.children,
    jobs: () => ({ ...counters.jobs }),
    ...{ kafkaStates: kafka.states, positions: ground.positions },
  })
  const api: ApiDeps = {
    ...{ ...work, jobs, breakers, imports, resultCache },
    consoleFiles: createConsoleFiles(CONSOLE),
    // Tables that are a server's own are backed up by its own means.
    ...(ground.children.engine !== null && { backups: createBackups({ ...work, data }) }),
    ...{ tap, loads, connections, topicReaders: kafka.readers },
    ...createSharedLimits(ground.redis, monotonicMs),
    querySlots: slots,
    metrics: { text: metrics, token: config.metricsToken },
    config: configOfApi(config, door),
  }
  const ingest: IngestDeps = {
    ...{ ...api, keys, monotonicMs, breakers, tap },
    log: loads.log,
    counters: counters.ingest,
    isDiskLow: () => log.space().refusal !== null,
    limits: { ...INGEST_LIMITS, ...config.events },
  }
  return { api, ingest, jobs, imports, copies, tap, kafka }
}

/** What reaches the brokers and registries that callers name. */
function connectionTools(
  { outbound: counters }: Ground,
  { connectionPrivateHosts: privateHosts }: Config,
) {
  const outbound = createOutbound({ privateHosts, counters })
  return {
    openSocket: createOpenSocket({ privateHosts }),
    registries: createSchemaRegistries({ outbound, now: Date.now }),
  }
}

function configOfApi(config: Config, door: Door): ApiDeps['config'] {
  return {
    ...{ bodyBytesMax: BODY_BYTES_MAX, host: config.host, port: door.port },
    ...limitsOfQueries(config),
    jobHistoryHours: config.jobs.historyHours,
    ...config.queries,
  }
}
