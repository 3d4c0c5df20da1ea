// The whole product in a process tree of its own, as tests of its outside need it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { commandAs } from './command-as.ts'

/** A running server. */
export interface RunningSandpiper {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  readonly port: number
  readonly dataDir: string
  readonly tokens: {
    readonly workspace_admin_token: string
    readonly user_token: string
    readonly admin_token: string
  }
  /** Process ids at the start; `postgres` is the shell that minds it, null when Postgres is external. */
  readonly children: {
    readonly engine: number
    readonly writer: number
    readonly postgres: number | null
  }
  readonly pid: number
  /** What it wrote to standard error so far. */
  log(): string
  /** SIGTERM and waits; removes the data directory unless it was given. @returns exit code, null after a signal. Idempotent. */
  stop(): Promise<number | null>
  /** SIGKILL of the main process only; the data directory stays. */
  kill9(): Promise<void>
}

/** How a server is started. */
export interface StartSandpiperOptions {
  /** Default: any free one. */
  readonly port?: number
  /** Default: a new temporary one, removed by stop(). */
  readonly dataDir?: string
  /** More variables, or other values of the usual ones. */
  readonly env?: Readonly<Record<string, string>>
  /** Who runs it; needs root. */
  readonly uid?: number
  /** Runs what `npm run build` made, as `npm start` does, instead of the sources. Default false. */
  readonly bundled?: boolean
  /** Runs this program: a bundle somewhere else. */
  readonly program?: string
}

/** Starts the server; takes 1-3 s. @throws StartFailed with exit code and standard error when it ends instead. */
export async function startSandpiper(
  options: StartSandpiperOptions = {},
): Promise<RunningSandpiper> {
  const home = mkdtempSync(join(tmpdir(), 'sandpiper-test-'))
  const dataDir = options.dataDir ?? join(home, 'data')
  const command = commandAs(
    options.uid ?? null,
    process.execPath,
    options.program === undefined ? program(options.bundled === true) : [options.program],
  )
  const child = spawn(command.file, command.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      SANDPIPER_PORT: String(options.port ?? 0),
      SANDPIPER_DATA_DIR: dataDir,
      SANDPIPER_PRINT: 'json',
      ...options.env,
    },
    ...command.ids,
  })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-200_000)))
  const started = await readyLine(child, () => log).catch((err: unknown) => {
    rmSync(home, { recursive: true, force: true })
    throw err
  })
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await once(child, 'exit')
    }
    return child.exitCode
  }
  return {
    ...started,
    pid: child.pid ?? 0,
    log: () => log,
    async stop() {
      const code = await end('SIGTERM')
      rmSync(home, { recursive: true, force: true })
      return code
    },
    async kill9() {
      await end('SIGKILL')
    },
  }
}

function program(isBundled: boolean): string[] {
  const file = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
  if (isBundled) return [file('services/sandpiper/dist/main.mjs')]
  const root = createRequire(file('package.json'))
  const tsx = pathToFileURL(root.resolve('tsx')).href
  return ['--import', tsx, file('services/sandpiper/src/main.ts')]
}

/** The server ended before it was ready. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed'
  readonly exitCode: number | null
  readonly stderr: string

  constructor(exitCode: number | null, stderr: string) {
    super(`the server ended with ${String(exitCode)}: ${stderr}`)
    this.exitCode = exitCode
    this.stderr = stderr
  }
}

type ReadyLine = Pick<RunningSandpiper, 'url' | 'port' | 'dataDir' | 'tokens' | 'children'>

async function readyLine(child: ChildProcess, log: () => string): Promise<ReadyLine> {
  const { stdout } = child
  if (stdout === null) throw new Error('no standard output')
  const signal = AbortSignal.timeout(60_000)
  const line = once(createInterface(stdout), 'line', { signal }).then(([text]) => String(text))
  const ended = once(child, 'close', { signal }).then(([code]) => {
    throw new StartFailed(code as number | null, log())
  })
  // Whichever comes second is of no interest.
  line.catch(() => undefined)
  ended.catch(() => undefined)
  return JSON.parse(await Promise.race([line, ended])) as ReadyLine
}
