// The real writer in a child process, for tests that kill it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Where a writer works. All of it must be there already. */
export interface WriterPlaces {
  readonly logDir: string
  /** Not used with Kafka. */
  readonly linkSocketPath: string
  readonly spoolDir: string
  readonly engineSocketPath: string
  /** Connection string of a migrated catalog. */
  readonly catalogUrl: string
}

/** A running writer. */
export interface RunningWriter {
  readonly pid: number
  /** What it wrote to standard error so far. */
  log(): string
  /** SIGTERM; resolves with the exit code. Idempotent. */
  stop(): Promise<number | null>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Resolves when it ended by itself, with the signal or code that ended it. */
  readonly ended: Promise<NodeJS.Signals | number>
}

/**
 * Starts services/writer; resolves at once, before it is connected.
 * @param options.env more variables, e.g. SANDPIPER_WRITER_DIE_AT.
 */
export function startWriter(
  places: WriterPlaces,
  options: { readonly env?: Readonly<Record<string, string>> } = {},
): RunningWriter {
  const root = new URL('../../../', import.meta.url)
  const tsx = createRequire(new URL('package.json', root)).resolve('tsx')
  const child = spawn(
    process.execPath,
    [
      '--import',
      pathToFileURL(tsx).href,
      fileURLToPath(new URL('services/writer/src/main.ts', root)),
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        SANDPIPER_LOG_DIR: places.logDir,
        SANDPIPER_LINK_SOCKET: places.linkSocketPath,
        SANDPIPER_SPOOL_DIR: places.spoolDir,
        SANDPIPER_ENGINE_SOCKET: places.engineSocketPath,
        DATABASE_URL: places.catalogUrl,
        SANDPIPER_LOG_LEVEL: 'info',
        ...options.env,
      },
    },
  )
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const ended = endOf(child)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await ended
  }
  return {
    pid: child.pid ?? 0,
    log: () => log,
    async stop() {
      await end('SIGTERM')
      return child.exitCode
    },
    kill: () => end('SIGKILL'),
    ended,
  }
}

async function endOf(child: ChildProcess): Promise<NodeJS.Signals | number> {
  await once(child, 'exit')
  return child.signalCode ?? child.exitCode ?? 0
}
