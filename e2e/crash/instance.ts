// One product under test: its processes now, however often they were killed, on one data directory and one port.
import { setTimeout as pause } from 'node:timers/promises'
import { startSandpiper, type RunningSandpiper } from '@sandpiper/testkit'
import { kill9, processesOf, processTree, type TreeProcess } from './process-tree.ts'

export interface Instance {
  readonly dataDir: string
  url(): string
  token(): string
  /** Process id of the main process. */
  pid(): number
  /** Starts it again after its main process died. @returns milliseconds until it was ready. */
  restart(): Promise<number>
  /** Waits for the end of a main process that was sent SIGKILL. */
  gone(): Promise<void>
  /** SIGTERM. @throws Error when it does not end with 0, or a process of any of its lives is left. */
  stop(): Promise<void>
  /** Kills the main process and waits until all others have ended of it; those that do not are killed. */
  end(): Promise<void>
  /** What all its lives wrote to standard error, the end of it. */
  log(): string
}

const LOG_CHARS_MAX = 2_000_000
const END_LIMIT_MS = 5_000

export interface InstanceOptions {
  readonly dataDir: string
  /** The bundle to run. */
  readonly program: string
  readonly env?: Readonly<Record<string, string>>
}

export async function startInstance(options: InstanceOptions): Promise<Instance> {
  let port = 0
  let earlier = ''
  const start = (): Promise<RunningSandpiper> =>
    startSandpiper({
      dataDir: options.dataDir,
      program: options.program,
      port,
      env: { SANDPIPER_LOG_LEVEL: 'warn', ...options.env },
    })
  let running = await start()
  // However a campaign ends, it leaves no product behind.
  const killAll = (): void => {
    for (const { pid } of processTree(running.pid)) kill9(pid)
  }
  process.on('exit', killAll)
  port = running.port
  return {
    dataDir: options.dataDir,
    url: () => running.url,
    token: () => running.tokens.workspace_admin_token,
    pid: () => running.pid,
    async restart() {
      earlier = (earlier + running.log()).slice(-LOG_CHARS_MAX)
      const since = performance.now()
      running = await start()
      return performance.now() - since
    },
    gone: () => running.kill9(),
    async stop() {
      const code = await running.stop()
      process.off('exit', killAll)
      if (code !== 0)
        throw new Error(`the server ended with ${String(code)}: ${running.log().slice(-2_000)}`)
      const left = await leftOf(options.dataDir)
      for (const { pid } of left) kill9(pid)
      if (left.length > 0)
        throw new Error(
          `left running: ${left.map(({ pid, command }) => `${pid} ${command}`).join('; ')}`,
        )
    },
    async end() {
      const tree = processTree(running.pid)
      await running.kill9()
      // Postgres leaves shared memory of the machine behind when it is killed: it gets the time to end.
      const left = (): TreeProcess[] =>
        tree.filter(({ pid, command }) => processTree(pid)[0]?.command === command)
      for (let waited = 0; left().length > 0 && waited < END_LIMIT_MS; waited += 50) await pause(50)
      for (const { pid } of left()) kill9(pid)
      process.off('exit', killAll)
    },
    log: () => earlier + running.log(),
  }
}

/** The processes that do not end by themselves in good time. */
async function leftOf(dataDir: string): Promise<TreeProcess[]> {
  for (let waited = 0; waited < END_LIMIT_MS; waited += 50) {
    if (processesOf(dataDir).length === 0) return []
    await pause(50)
  }
  return processesOf(dataDir)
}
