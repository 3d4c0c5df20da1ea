// The engine process: chDB behind the ClickHouse HTTP protocol. Ends on SIGTERM, SIGINT or when its parent is gone.
import { chmodSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createLogger } from '@sandpiper/telemetry'

import { closeInherited } from './close-inherited.ts'
import { readConfig } from './config.ts'
import { openDatabase } from './database.ts'
import { createLife } from './life.ts'
import { createEngineServer, type EngineServer } from './server.ts'
import { createSessionPool } from './session-pool.ts'
import { standBack } from './stand-back.ts'

const GRACE_MS = 3000
/** A start waits 10 s for the directory. */
const DRAIN_MS_MAX = 5000

closeInherited()
const config = readConfig()
const logger = createLogger({ service: 'engine', level: config.logLevel })

// Leaving through process.exit() while chDB's threads run can hang in its own clean-up, with the directory locked. What would end us
// so ends us at once: being killed costs nothing, since the writer looks at every target again.
process.on('uncaughtException', (err) => {
  logger.fatal({ err }, 'bug')
  endAtOnce()
})

try {
  await run()
} catch (err) {
  logger.fatal({ err }, 'the engine cannot start')
  endAtOnce()
}

async function run(): Promise<void> {
  const database = await openDatabase(config.directory, config)
  const pool = createSessionPool(database, logger, config)
  const server = createEngineServer({
    database,
    pool,
    logger,
    life: createLife(),
    insertBytesMax: config.insertBytesMax,
  })
  const address = await listen(server)
  let stopping: Promise<void> | null = null
  const stop = (reason: string): void => {
    stopping ??= (async () => {
      logger.info({ reason }, 'stopping')
      const isDrained = await Promise.race([
        server.drain(GRACE_MS).then(() => true),
        pause(DRAIN_MS_MAX, false, { ref: false }),
      ])
      // A query that does not stop would keep the directory from the next engine. Being killed costs nothing: the writer repairs.
      if (!isDrained) endAtOnce()
      pool.close()
      database.close()
      process.exit(0)
    })()
    stopping.catch((err: unknown) => {
      logger.fatal({ err }, 'could not stop cleanly')
      endAtOnce()
    })
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // Nobody reads what we say any more.
  process.stdout.on('error', () => {
    stop('the parent went away')
  })
  if (config.watchStdin) {
    process.stdin.resume()
    process.stdin.on('close', () => {
      stop('the parent went away')
    })
  }
  // The one line on standard output: whoever started us waits for it.
  process.stdout.write(
    `${JSON.stringify({ ready: true, ...address, version: database.version })}\n`,
  )
  standBack()
  logger.info({ ...address, sessions: config.sessions, version: database.version }, 'ready')
}

function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL')
}

async function listen(server: EngineServer): Promise<{ socketPath?: string; port?: number }> {
  const at: { socketPath?: string; port?: number } = {}
  if (config.socketPath !== null) {
    // The data directory is ours alone by now, so a socket that is still there is a dead one.
    rmSync(config.socketPath, { force: true })
    await server.listen({ path: config.socketPath })
    chmodSync(config.socketPath, 0o600)
    at.socketPath = config.socketPath
  }
  if (config.port !== null) {
    const http = await server.listen({ host: '127.0.0.1', port: config.port })
    at.port = (http.address() as AddressInfo).port
  }
  return at
}
