// A real Redis for tests, found or installed by scripts/ensure-redis.mjs: a folder and a port of its own, gone when stopped.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { freePort } from './free-port.ts'
/** A running Redis. */
export interface TestRedis {
  /** `redis://...`, or `rediss://...` with TLS. */
  readonly url: string
  readonly port: number
  /** Forgets everything, as FLUSHALL does. */
  flushAll(): Promise<void>
  /** Sends one command of plain words, to see what is there. @returns the answer as it came. */
  command(...words: readonly string[]): Promise<string>
  /** SIGKILL: what it knew is gone. */
  kill(): Promise<void>
  /** Starts it again on the same port, empty. */
  restart(): Promise<void>
  /** Stops it in its tracks without closing anything: callers hear no word any more. */
  freeze(): void
  thaw(): void
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

/** How it is started. */
export interface StartRedisOptions {
  /** Default: none. Word characters only. */
  readonly password?: string
  /** PEM files: then it speaks TLS only, and command() does not work. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
}

const START_MS = 10_000

/** Starts Redis without persistence; resolves when it answers. @throws Error with its log when it does not start. */
export async function startRedis(options: StartRedisOptions = {}): Promise<TestRedis> {
  const program = await findProgram()
  const folder = mkdtempSync(join(tmpdir(), 'sp-redis-'))
  const port = await freePort()
  let child = await start(program, folder, port, options)
  const { password, tls } = options
  const user = password === undefined ? '' : `:${password}@`
  const command = (...words: readonly string[]): Promise<string> =>
    ask(port, password === undefined ? [words] : [['AUTH', password], words])
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return {
    url: `${tls === undefined ? 'redis' : 'rediss'}://${user}127.0.0.1:${port}`,
    port,
    async flushAll() {
      await command('FLUSHALL')
    },
    command,
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGKILL')
      child = await start(program, folder, port, options)
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function findProgram(): Promise<string> {
  const script = fileURLToPath(new URL('../../../scripts/ensure-redis.mjs', import.meta.url))
  return (await promisify(execFile)(process.execPath, [script])).stdout.trim()
}

async function start(
  program: string,
  folder: string,
  port: number,
  { password, tls }: StartRedisOptions,
): Promise<ChildProcess> {
  const ports =
    tls === undefined
      ? ['--port', String(port)]
      : [
          ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
          ...['--tls-cert-file', tls.certFile, '--tls-key-file', tls.keyFile],
        ]
  const flags = [
    ...['--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no', ...ports],
    ...(password === undefined ? [] : ['--requirepass', password]),
  ]
  const child = spawn(program, flags, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise<void>((resolve, reject) => {
    let text = ''
    const fail = (): void => {
      reject(new Error(`Redis did not start: ${text}`))
    }
    const timer = setTimeout(fail, START_MS)
    child.once('exit', fail)
    child.stdout.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-10_000)
      if (!text.includes('eady to accept connections')) return
      clearTimeout(timer)
      child.off('exit', fail)
      resolve()
    })
  })
  return child
}

/** Commands as words on a line of their own, which Redis takes too; the last one's answer. */
async function ask(port: number, commands: readonly (readonly string[])[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let answer = ''
  for (const words of commands) {
    socket.write(`${words.join(' ')}\r\n`)
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    answer = chunk.toString().trim()
  }
  socket.destroy()
  return answer
}
