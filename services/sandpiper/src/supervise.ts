// Keeps one child process running: starts it, waits until it is ready, starts it again when it ends, ever more slowly.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Logger } from '@sandpiper/telemetry'

import type { Command } from './users.ts'

export interface ChildOptions {
  readonly name: string
  readonly command: Command
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** How the child learns that it has to end. Each child also ends when we are gone. */
  readonly endBy: 'stdin' | 'SIGTERM'
  /** Told about each line the child writes to standard output or standard error; true when it means that the child is ready. */
  readonly onLine: (line: string, from: 'stdout' | 'stderr') => boolean
  /** Does not wait for a line. */
  readonly readyAtOnce?: boolean
  readonly logger: Logger
}

export interface Supervised {
  /** Process id of the running child, or null between two. */
  pid(): number | null
  /** Asks it to end, then makes it. */
  stop(graceMs: number): Promise<void>
}

const READY_MS = 20_000
const BACKOFF_MS = { first: 100, max: 5_000 }
/** A child that ran so long starts anew without delay. */
const STEADY_MS = 30_000

/**
 * Starts a child and keeps it running; resolves when it is ready for the first time.
 * The first start is tried again for as long as `firstStartMs`: the child of an instance that was just killed may hold its files.
 * @throws Error with the last lines of the child when it does not start.
 */
export async function supervise(options: ChildOptions, firstStartMs: number): Promise<Supervised> {
  const { name, logger } = options
  let stopping = false
  let child: ChildProcess | null = null
  let wake: (() => void) | null = null

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const launch = async (): Promise<void> => {
    child = start(options)
    await ready(child, options)
  }
  const giveUpAt = Date.now() + firstStartMs
  for (let backoff = BACKOFF_MS.first; ; backoff = longer(backoff)) {
    try {
      await launch()
      break
    } catch (err) {
      child = null
      if (Date.now() + backoff > giveUpAt) throw err
      await pause(backoff)
    }
  }
  const watching = watch()

  async function watch(): Promise<void> {
    let backoff = BACKOFF_MS.first
    let since = Date.now()
    for (;;) {
      const running = child
      if (running !== null) {
        await ended(running)
        child = null
        if (stopping) return
        logger.error(
          { child: name, code: running.exitCode, signal: running.signalCode },
          'a child process ended',
        )
        if (Date.now() - since > STEADY_MS) backoff = BACKOFF_MS.first
      }
      await pause(backoff)
      // stop() may have been called meanwhile.
      if (isStopping()) return
      since = Date.now()
      await launch().catch((err: unknown) => {
        logger.error({ err, child: name }, 'a child process does not start')
      })
      backoff = longer(backoff)
    }
  }

  function isStopping(): boolean {
    return stopping
  }

  return {
    pid: () => child?.pid ?? null,
    async stop(graceMs) {
      stopping = true
      wake?.()
      if (child !== null) await end(child, options.endBy, graceMs)
      await watching
    },
  }
}

function longer(backoff: number): number {
  return Math.min(backoff * 2, BACKOFF_MS.max)
}

function start({ command, env, cwd }: ChildOptions): ChildProcess {
  return spawn(command.file, [...command.args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
    // A group of its own: Ctrl-C in a terminal reaches us only, and we decide the order of the end.
    detached: true,
    ...(cwd === undefined ? {} : { cwd }),
    ...(command.uid === undefined ? {} : { uid: command.uid }),
    ...(command.gid === undefined ? {} : { gid: command.gid }),
  })
}

/** Rejects when the child ends, or says nothing for too long, before it is ready; it is gone then. */
async function ready(child: ChildProcess, options: ChildOptions): Promise<void> {
  const said: string[] = []
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${options.name} was not ready within ${READY_MS} ms`))
      }, READY_MS)
      for (const from of ['stdout', 'stderr'] as const) {
        const stream = child[from]
        if (stream === null) continue
        createInterface(stream).on('line', (line) => {
          if (said.push(line) > 20) said.shift()
          if (!options.onLine(line, from)) return
          clearTimeout(timer)
          resolve()
        })
      }
      child.stdin?.on('error', () => undefined)
      const failed = (reason: string): void => {
        clearTimeout(timer)
        reject(new Error(`${options.name} ${reason}: ${said.join('\n')}`))
      }
      child.once('error', (err) => {
        failed(`could not be started (${err.message})`)
      })
      child.once('close', (code, signal) => {
        failed(`ended with ${String(signal ?? code)}`)
      })
      if (options.readyAtOnce === true) {
        child.once('spawn', () => {
          clearTimeout(timer)
          resolve()
        })
      }
    })
  } catch (err) {
    killGroup(child)
    throw err
  }
}

async function end(child: ChildProcess, by: ChildOptions['endBy'], graceMs: number): Promise<void> {
  if (by === 'stdin') child.stdin?.end()
  else child.kill(by)
  const timer = setTimeout(() => {
    killGroup(child)
  }, graceMs)
  await ended(child)
  clearTimeout(timer)
  // Helpers of the child, if any are left.
  killGroup(child)
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  await once(child, 'exit')
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}
