// A gateway: takes events over HTTP, authorizes and decodes them, and acknowledges them once Kafka has them. It keeps nothing, so any number
// of them may stand beside each other.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCatalog, openSharedLogCatalog, parseSecretKey } from '@sandpiper/catalog'
import { answerHealth, createClosing, DOOR_LIMITS, openDoor } from '@sandpiper/hosting'
import { openSharedKeys } from '@sandpiper/idempotency'
import { type KafkaLog, kafkaPlaceOf, openKafkaLog } from '@sandpiper/kafkalog'
import { createFetchJwks } from '@sandpiper/outbound'
import { NO_BREAKERS } from '@sandpiper/quarantine'
import { createSharedLimits, openRedis } from '@sandpiper/redis'
import { createLogger, NO_OPS } from '@sandpiper/telemetry'
import { readConfig, redacted, type GatewayConfig } from './config.ts'
import { createIngestListener, isEventsUrl } from './create-ingest-listener.ts'
import { gatewayMetrics } from './gateway-metrics.ts'
import { createIngestCounters } from './ingest-counters.ts'
import { INGEST_LIMITS, type IngestDeps } from './ingest-deps.ts'

try {
  await start(readConfig())
} catch (err) {
  process.stderr.write(`ingest: ${err instanceof Error ? err.message : String(err)}\n`)
  process.exit(1)
}

function monotonicMs(): number {
  return performance.now()
}

async function start(config: GatewayConfig): Promise<void> {
  const logger = createLogger({ service: 'ingest', level: config.logLevel })
  logger.info({ config: redacted(config) }, 'starting')
  const closing = createClosing(logger)
  const door = await openDoor(config.host, config.port, {
    ...DOOR_LIMITS,
    connectionsMax: config.connectionsMax,
  })
  const catalog = await createCatalog({
    ...{ connection: config.databaseUrl, secretKey: parseSecretKey(config.secretKey), logger },
    ...{ now: Date.now, newId: randomUUID, waitMs: config.databaseWaitMs },
    fetchJwks: createFetchJwks(logger, { privateHosts: config.privateHosts }),
  })
  closing.add('catalog', 500, () => catalog.close())
  const shared = openSharedLogCatalog({ connection: config.databaseUrl, logger })
  closing.add('log catalog', 500, () => shared.close())
  const log = await openKafkaLog({
    ...{ place: kafkaPlaceOf(config.kafka), catalog: shared, logger },
    ...{ clientId: 'sandpiper-ingest', waitMsMax: config.kafkaWaitMs },
  })
  closing.add('event log', config.kafkaWaitMs + 1_000, () => log.close())
  const keys = openSharedKeys({
    ...{ log, store: shared.keys, ageMsMax: config.keysMs, now: Date.now, logger },
  })
  const redis =
    config.redis === null ? null : await openRedis({ place: config.redis, logger, monotonicMs })
  if (redis !== null) closing.add('redis', 100, () => redis.close())
  const limits = createSharedLimits(redis, monotonicMs)
  const deps = ingestDeps(config, { catalog, log, keys, logger, ...limits })
  let isDraining = false
  closing.add('http', config.drainMs + 500, () => door.close(config.drainMs))
  closing.add('readiness', config.lameMs + 100, () => sleep(config.lameMs))
  const events = createIngestListener(deps)
  door.open(
    answerHealth(
      {
        checks: { catalog: () => shared.writers().then(() => true), log: () => log.isReady() },
        isDraining: () => isDraining,
        metrics: () => gatewayMetrics(deps.counters, log, keys.counters()),
      },
      (req, res) => {
        if (isEventsUrl(req.url ?? '')) events(req, res)
        else {
          res.writeHead(404, { 'Content-Type': 'application/json' })
          res.end('{"error":"This process takes events only."}')
        }
      },
    ),
  )
  endOn((signal) => {
    if (isDraining) return
    isDraining = true
    logger.info({ signal }, 'stopping')
    void closing.run().then(() => process.exit(0))
  })
  process.stdout.write(`${JSON.stringify({ ready: true, port: door.port })}\n`)
}

function ingestDeps(
  config: GatewayConfig,
  parts: Pick<IngestDeps, 'catalog' | 'keys' | 'logger' | 'jwtQuota' | 'sharedQuota'> & {
    readonly log: KafkaLog
  },
): IngestDeps {
  return {
    ...parts,
    // Rows about requests and alarms are written by processes that know the engine.
    ...{ ops: NO_OPS, breakers: NO_BREAKERS },
    counters: createIngestCounters(),
    now: Date.now,
    monotonicMs,
    isDiskLow: () => false,
    limits: { ...INGEST_LIMITS, ...config.events },
  }
}

function endOn(end: (signal: string) => void): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end)
}
