// One service in a process of its own, as it runs beside others: a gateway, or a writer on a log in Kafka.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** A running service. */
export interface RunningService {
  /** `http://127.0.0.1:<port>`: what it serves, and `/health/ready`. */
  readonly url: string
  readonly pid: number
  /** What it wrote to standard error so far. */
  log(): string
  /** SIGTERM; resolves with the exit code, null after a signal. Idempotent. */
  stop(): Promise<number | null>
  /** SIGKILL. */
  kill(): Promise<void>
}

/** Starts it; resolves when it is ready. @param options.bundled runs what `npm run build` made. @throws Error with its log when it ends instead. */
export async function startService(
  name: 'ingest' | 'writer',
  env: Readonly<Record<string, string>>,
  options: { readonly bundled?: boolean } = {},
): Promise<RunningService> {
  const child = spawn(process.execPath, programOf(name, options.bundled === true), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-200_000)))
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  const port = await portOf(child, () => log)
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    log: () => log,
    async stop() {
      await end('SIGTERM')
      return child.exitCode
    },
    kill: () => end('SIGKILL'),
  }
}

function programOf(name: string, isBundled: boolean): string[] {
  const file = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
  if (isBundled) return [file(`services/${name}/dist/main.mjs`)]
  const tsx = createRequire(file('package.json')).resolve('tsx')
  return ['--import', pathToFileURL(tsx).href, file(`services/${name}/src/main.ts`)]
}

async function portOf(child: ChildProcess, log: () => string): Promise<number> {
  const { stdout } = child
  if (stdout === null) throw new Error('no standard output')
  const signal = AbortSignal.timeout(60_000)
  const line = once(createInterface(stdout), 'line', { signal }).then(([text]) => String(text))
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error(`the service ended: ${log()}`)
  })
  // Whichever comes second is of no interest.
  line.catch(() => undefined)
  ended.catch(() => undefined)
  return (JSON.parse(await Promise.race([line, ended])) as { port: number }).port
}
