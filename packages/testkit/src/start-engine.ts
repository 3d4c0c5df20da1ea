import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** A real engine in a child process. */
export interface RunningEngine {
  /** ClickHouse's HTTP protocol on a unix socket. */
  readonly socketPath: string
  /** The same on loopback, for clients that cannot use sockets. */
  readonly url: string
  readonly directory: string
  readonly pid: number
  /** What it wrote to standard error so far. */
  log(): string
  /** SIGTERM, waits for the end, removes the directory unless it was given. Resolves with the exit code. Idempotent. */
  stop(): Promise<number | null>
  /** SIGKILL; the directory stays, so that another engine can be started on it. */
  kill(): Promise<void>
}

/**
 * Starts services/engine on a temporary directory, or on the one given. Takes about 1 s.
 * @param options.env more variables, e.g. SANDPIPER_ENGINE_MEMORY_BYTES. @throws Error with its log when it does not start within 30 s.
 */
export async function startEngine(
  options: { readonly directory?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<RunningEngine> {
  const home = mkdtempSync(join(tmpdir(), 'sandpiper-engine-'))
  const directory = options.directory ?? join(home, 'engine')
  const child = spawn(
    process.execPath,
    [
      '--import',
      tsxLoader(),
      fileURLToPath(new URL('../../../services/engine/src/main.ts', import.meta.url)),
    ],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        TZ: 'UTC',
        UV_THREADPOOL_SIZE: '12',
        SANDPIPER_ENGINE_DIR: directory,
        SANDPIPER_ENGINE_SOCKET: join(home, 'engine.sock'),
        SANDPIPER_ENGINE_PORT: '0',
        SANDPIPER_ENGINE_WATCH_STDIN: '1',
        SANDPIPER_LOG_LEVEL: 'warn',
        ...options.env,
      },
    },
  )
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const ready = await readyLine(child, () => log).catch((err: unknown) => {
    rmSync(home, { recursive: true, force: true })
    throw err
  })
  const gone = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await once(child, 'exit')
    }
    return child.exitCode
  }
  return {
    socketPath: join(home, 'engine.sock'),
    url: `http://127.0.0.1:${ready.port}`,
    directory,
    pid: child.pid ?? 0,
    log: () => log,
    async stop() {
      const code = await gone('SIGTERM')
      rmSync(home, { recursive: true, force: true })
      return code
    },
    async kill() {
      await gone('SIGKILL')
      if (options.directory !== undefined) rmSync(home, { recursive: true, force: true })
    },
  }
}

/** The loader that lets plain Node run our sources. */
function tsxLoader(): string {
  return pathToFileURL(
    createRequire(new URL('../../../package.json', import.meta.url)).resolve('tsx'),
  ).href
}

async function readyLine(child: ChildProcess, log: () => string): Promise<{ port: number }> {
  const { stdout } = child
  if (stdout === null) throw new Error('no standard output')
  const signal = AbortSignal.timeout(30_000)
  const line = once(createInterface(stdout), 'line', { signal }).then(([text]) => String(text))
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error(`the engine ended: ${log()}`)
  })
  ended.catch(() => undefined)
  return JSON.parse(await Promise.race([line, ended])) as { port: number }
}
