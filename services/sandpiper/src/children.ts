// The two Node children: the engine and the writer, with exactly the configuration each reads.
import { engineEnvironment } from '@sandpiper/engine'
import type { Logger } from '@sandpiper/telemetry'

import type { Config } from './config.ts'
import type { DataDirectory } from './data-directory.ts'
import { nodeProgram } from './node-children.ts'
import { StartError } from './start-error.ts'
import { supervise, type Supervised } from './supervise.ts'
import { commandAs, type Users } from './users.ts'

export interface ChildDeps {
  readonly config: Config
  readonly data: DataDirectory
  readonly users: Users
  readonly logger: Logger
}

/** The engine of an instance that was killed may take this long to let go of its directory. */
const FIRST_START_MS = 10_000

/**
 * Both stand back behind the process that acknowledges: loading may be a little later, an acknowledgement should not be. The engine
 * also answers queries; it gets what acknowledging leaves, which is nearly everything unless events come in as fast as they can.
 */
const NICENESS = 3

/** Starts the engine; resolves when it answers. @throws StartError when it cannot have its directory. */
export async function startEngine({ config, data, users, logger }: ChildDeps): Promise<Supervised> {
  const program = nodeProgram('engine')
  const env = engineEnvironment({
    directory: data.engine,
    socketPath: data.sockets.engine,
    sessions: config.engineSessions,
    logLevel: config.logLevel,
    ...(config.engineMemoryBytesMax === null
      ? {}
      : { memoryBytesMax: config.engineMemoryBytesMax }),
  })
  try {
    return await supervise(
      {
        name: 'engine',
        command: commandAs(
          users.engine,
          process.execPath,
          program.args,
          [data.engine, ...program.paths],
          // Its threads stand back for loads and merges, and take their priority back for queries.
          { renice: true },
        ),
        env: { ...config.childEnvironment, ...env },
        cwd: '/',
        endBy: 'stdin',
        niceness: NICENESS,
        onLine: (line, from) =>
          from === 'stdout' ? line.startsWith('{"ready":true') : passOn(line),
        logger,
      },
      FIRST_START_MS,
    )
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    const reason = /cannot open the engine's directory[^"\n]*/.exec(said)?.[0]
    throw reason === undefined ? cause : new StartError(reason, { cause })
  }
}

/** Starts the writer. It is ready when it runs: what it cannot load yet waits in the log. */
export function startWriter(
  { config, data, logger }: ChildDeps,
  catalogUrl: string,
): Promise<Supervised> {
  const program = nodeProgram('writer')
  return supervise(
    {
      name: 'writer',
      command: { file: process.execPath, args: program.args },
      env: {
        ...config.childEnvironment,
        SANDPIPER_LOG_DIR: data.log,
        SANDPIPER_LINK_SOCKET: data.sockets.link,
        SANDPIPER_SPOOL_DIR: data.spool,
        ...(config.clickhouse?.environment ?? { SANDPIPER_ENGINE_SOCKET: data.sockets.engine }),
        SANDPIPER_LOG_LEVEL: config.logLevel,
        DATABASE_URL: catalogUrl,
      },
      cwd: '/',
      endBy: 'SIGTERM',
      niceness: NICENESS,
      onLine: (line, from) => from === 'stderr' && passOn(line),
      readyAtOnce: true,
      logger,
    },
    FIRST_START_MS,
  )
}

/** Children write their own JSON lines: they go where ours go. */
function passOn(line: string): false {
  process.stderr.write(`${line}\n`)
  return false
}
