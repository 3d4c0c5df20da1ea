// The writer process. Ends on SIGTERM, SIGINT, or when the process that appends to the log went away: the supervisor starts it anew.
import { randomBytes } from 'node:crypto'
import { openWriterCatalog } from '@sandpiper/catalog'
import { type ClickHouse, connectServers, createClickHouse } from '@sandpiper/clickhouse'
import { SYSTEM_WORKSPACE_ID } from '@sandpiper/deployment'
import { connectLink, openLogReader } from '@sandpiper/eventlog'
import {
  createHistogram,
  createLogger,
  createOpsRows,
  createOpsSender,
  type Histogram,
  NO_OPS,
  type OpsLog,
} from '@sandpiper/telemetry'
import { answerMetrics } from './answer-metrics.ts'
import { BATCH_LIMITS } from './batcher.ts'
import { readConfig, redacted, type SharedConfig } from './config.ts'
import { createCounters } from './counters.ts'
import { startWriter, type WriterOptions } from './run.ts'
import { EMBEDDED_LIFE, type EngineLife, lifeOfServer } from './engine-life.ts'
import { createSpool } from './spool.ts'
import { type Staging, stageFiles, stageOnServer } from './staging.ts'

/** Below what the parent waits: a load that takes longer is settled at the next start. */
const GRACE_MS = 800
const CLOSE_MAX_MS = 100
/** However busy the engine is. */
const LOADS_PER_SECOND_MIN = 20
const REPORT_EVERY_MS = 60_000

const config = readConfig()
const logger = createLogger({ service: 'writer', level: config.logLevel })

try {
  if (config.shared === null) await run()
  else await standAlone(config.shared)
} catch (err) {
  logger.fatal({ err }, 'the writer cannot start')
  process.exit(1)
}

async function run(): Promise<void> {
  const catalog = openWriterCatalog({ connection: config.catalogUrl, logger })
  const { clickhouse, staging, life } = connectEngine()
  const counters = createCounters()
  const reader = openLogReader({
    dir: config.logDir,
    onDamage: (damage) => {
      logger.error({ damage }, 'the event log is damaged')
    },
  })
  const link = await connectLink({ socketPath: config.linkSocketPath })
  const sender = createOpsSender((note) => link.note(note))
  // Rows about the tables that hold these rows would make rows for ever.
  const isHidden = (workspaceId: string): boolean => workspaceId === SYSTEM_WORKSPACE_ID
  const ops = createOpsRows(
    (row) => {
      sender.add(row)
    },
    Date.now,
    isHidden,
  )
  const loads = createHistogram()
  const writer = await startWriter(
    {
      ...{ link, reader, catalog, clickhouse, staging, life, counters, logger },
      ops: timing(ops, loads),
      spool: createSpool(config.spoolDir, reader),
      now: Date.now,
      random: Math.random,
      newId,
      reached,
      onReplaced: () => {
        logger.error('another writer has taken over')
        process.exit(1)
      },
    },
    writerOptions(),
  )
  answerMetrics(link, () => ({
    counters: { ...counters, opsRowsDropped: sender.counters.dropped },
    waiting: writer.waiting(),
    loads: loads.snapshot(),
  }))
  const report = setInterval(() => {
    logger.info({ counters }, 'so far')
  }, REPORT_EVERY_MS)

  let isStopping = false
  const stop = async (reason: string): Promise<void> => {
    if (isStopping) return
    isStopping = true
    logger.info({ reason, counters }, 'stopping')
    clearInterval(report)
    await writer.stop(GRACE_MS)
    sender.flush()
    // Nothing below is owed to anybody, and a writer that outlives its link could meet its successor at the same tables.
    setTimeout(() => process.exit(0), CLOSE_MAX_MS)
    await Promise.allSettled([link.close(), clickhouse.close(), reader.close(), catalog.close()])
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  logger.info('ready')
  await link.closed
  await stop('the other side of the link went away')
}

/** Beside other writers, on a log in Kafka. */
async function standAlone(shared: SharedConfig): Promise<void> {
  logger.info({ config: redacted(config) }, 'starting')
  // Loaded only where there is a Kafka: in the all-in-one every start would pay for it.
  const { hostAlone } = await import('./host-alone.ts')
  const engine = connectEngine()
  const counters = createCounters()
  const loads = createHistogram()
  await hostAlone(
    { ...config, shared },
    {
      ...{ ...engine, counters, logger, newId },
      ...{ ops: timing(NO_OPS, loads), loads: () => loads.snapshot() },
      now: Date.now,
      random: Math.random,
      reached,
    },
    writerOptions(),
  )
}

function reached(step: string): void {
  if (step === config.dieAt) process.kill(process.pid, 'SIGKILL')
}

function newId(): string {
  return randomBytes(6).toString('hex')
}

function connectEngine(): { clickhouse: ClickHouse; staging: Staging; life: EngineLife } {
  const { servers, socketPath } = config.clickhouse
  if (servers !== null) {
    const clickhouse = connectServers(servers)
    return {
      clickhouse,
      staging: stageOnServer(clickhouse),
      life: lifeOfServer(clickhouse, newId),
    }
  }
  const clickhouse = createClickHouse({ url: 'http://engine', socketPath, loadsFiles: true })
  return { clickhouse, staging: stageFiles(), life: EMBEDDED_LIFE }
}

function writerOptions(): WriterOptions {
  return {
    batch: {
      ...BATCH_LIMITS,
      rowsMax: config.batchRowsMax,
      bytesMax: config.batchBytesMax,
      ageMaxMs: config.batchAgeMsMax,
    },
    budget: { concurrentMax: config.loadsMax },
    pace: {
      perSecondMin: Math.min(LOADS_PER_SECOND_MIN, config.loadsPerSecondMax),
      perSecondMax: config.loadsPerSecondMax,
      processorsMax: config.loadProcessorsMax,
    },
  }
}

/** Each block that is noted is a batch that was loaded. */
function timing(ops: OpsLog, loads: Histogram): OpsLog {
  return {
    ...ops,
    block(row) {
      loads.observe(row.processingSeconds)
      ops.block(row)
    },
  }
}
