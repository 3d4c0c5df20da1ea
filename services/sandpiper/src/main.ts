// Sandpiper, all in one process tree. The order below is the order of the start; the end runs it backwards: first no request comes
// in any more, then the writer stops, then the log, then what both stand on.
import { type ApiDeps, ensureServiceDataSources, recoverDeployments } from '@sandpiper/api'
import { isConnectionLoss, MigrationError, SecretKeyError } from '@sandpiper/catalog'
import { Fault } from '@sandpiper/faults'
import { briefError, createLogger, type Logger } from '@sandpiper/telemetry'

import { startWriter, type ChildDeps } from './children.ts'
import { createClosing, type Closing } from './closing.ts'
import { readConfig, redacted, type Config } from './config.ts'
import { openDataDirectory } from './data-directory.ts'
import { DOOR_LIMITS, openDoor } from './door.ts'
import { greetPeople, greetPrograms, type Started } from './greeting.ts'
import { hostApi } from './host-api.ts'
import { createHostCounters } from './metrics/host-metrics.ts'
import { type Ground, openGround } from './open-ground.ts'
import { serveProduct } from './serve-product.ts'
import { StartError } from './start-error.ts'
import type { Supervised } from './supervise.ts'
import { chooseUsers } from './users.ts'

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
  const counters = createHostCounters(() => performance.now())
  const door = await openDoor(config.host, config.port, {
    ...DOOR_LIMITS,
    connectionsMax: config.connectionsMax,
  })
  const deps: ChildDeps = { config, data, users, logger }
  const ground = await openGround(deps, counters.logWatch, closing)
  const hosted = hostApi(ground, counters, { config, data, door }, closing)
  // Before the writer runs: nobody else touches a table yet.
  await Promise.all([
    recover(config, ground, hosted.api),
    hosted.imports.start(),
    hosted.copies.start(),
    ensureServiceDataSources(
      hosted.api,
      config.opsDays === null ? {} : { keptDays: config.opsDays },
    ),
  ])
  const writer = await ownWriter(deps, ground, closing)
  // Not awaited: it goes on by itself while the catalog is away.
  void hosted.jobs.start()
  closing.add('jobs', 900, () => hosted.jobs.close())
  hosted.copies.schedules.start()
  closing.add('schedules', 200, () => hosted.copies.schedules.close())
  door.open(counters.http.timed(serveProduct(hosted.api, hosted.ingest)))
  closing.add('http', 700, () => door.close(500))
  closing.add('live tails', 100, () => {
    hosted.tap.close()
  })
  if (config.kafka === null) hosted.kafka.start()
  closing.add('kafka', 1_000, () => hosted.kafka.close())
  const { engine, postgres } = ground.children
  const pids = {
    engine: engine?.pid() ?? null,
    writer: writer?.pid() ?? null,
    postgres: postgres?.pid() ?? null,
  }
  const { url, port } = door
  return { url, port, dataDir: config.dataDir, tokens: ground.tokens, children: pids }
}

/** Where the log is in Kafka writers may be at work: then nothing is taken back beside them. */
async function recover(config: Config, ground: Ground, api: ApiDeps): Promise<void> {
  if (config.kafka === null) return recoverDeployments(api)
  const { whileNobodyLoads } = await import('./host-shared-log.ts')
  await whileNobodyLoads(ground, () => recoverDeployments(api))
}

/** null where writers are processes of their own. */
async function ownWriter(
  deps: ChildDeps,
  ground: Ground,
  closing: Closing,
): Promise<Supervised | null> {
  if (deps.config.kafka !== null) return null
  const writer = await startWriter(deps, ground.catalogUrl)
  ground.children.writer = writer
  closing.add('writer', 1_100, () => writer.stop(1_000))
  return writer
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
  process.stdout.on('error', (err) => {
    logger.warn({ err: briefError(err) }, 'nobody reads what is printed: it is left out')
  })
  process.on('uncaughtException', (err) => {
    // A Postgres that is started anew is no bug.
    if (isConnectionLoss(err)) {
      logger.warn({ err: briefError(err) }, 'Postgres went away under a connection')
      return
    }
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
