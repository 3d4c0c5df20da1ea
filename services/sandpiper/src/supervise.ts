// Keeps one child process running: starts it, waits until it is ready, starts it again when it ends, ever more slowly.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import type { Logger } from '@sandpiper/telemetry'

import { PATIENCE, waitPatiently, type Patience } from './start-patience.ts'
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
  /** How much it stands back when the processor is short, 0 to 19 as for nice(1); default 0. */
  readonly niceness?: number
  /** Does not wait for a line. */
  readonly readyAtOnce?: boolean
  readonly logger: Logger
}

export interface Supervised {
  /** Process id of the running child, or null between two. */
  pid(): number | null
  /** How often it was started again. */
  restarts(): number
  /** Asks it to end, then makes it. */
  stop(graceMs: number): Promise<void>
}

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
  const first = await startFirst(options, firstStartMs)
  const stop = new AbortController()
  let child: ChildProcess | null = first
  let restarts = 0
  const watching = watch(first)

  async function watch(started: ChildProcess): Promise<void> {
    let backoff = BACKOFF_MS.first
    for (let running = started; ; backoff = longer(backoff)) {
      const since = Date.now()
      await ended(running)
      child = null
      if (stop.signal.aborted) return
      const how = { code: running.exitCode, signal: running.signalCode }
      logger.error({ child: name, ...how }, 'a child process ended')
      if (Date.now() - since > STEADY_MS) backoff = BACKOFF_MS.first
      await pause(backoff, stop.signal)
      if (isStopped()) return
      restarts += 1
      running = child = start(options)
      await ready(running, options).catch((err: unknown) => {
        logger.error({ err, child: name }, 'a child process does not start')
      })
    }
  }

  // stop() may have been called during the pause, which a comparison in place cannot know.
  const isStopped = (): boolean => stop.signal.aborted

  return {
    pid: () => child?.pid ?? null,
    restarts: () => restarts,
    async stop(graceMs) {
      stop.abort()
      if (child !== null) await end(child, options.endBy, graceMs)
      await watching
    },
  }
}

async function startFirst(options: ChildOptions, forMs: number): Promise<ChildProcess> {
  const giveUpAt = Date.now() + forMs
  for (let backoff = BACKOFF_MS.first; ; backoff = longer(backoff)) {
    const child = start(options)
    try {
      await ready(child, options)
      return child
    } catch (err) {
      if (Date.now() + backoff > giveUpAt) throw err
      await pause(backoff, null)
    }
  }
}

/** Ends early, without an error, when the signal aborts. */
async function pause(milliseconds: number, signal: AbortSignal | null): Promise<void> {
  const options = signal === null ? {} : { signal }
  await setTimeoutPromise(milliseconds, undefined, options).catch(() => undefined)
}

function longer(backoff: number): number {
  return Math.min(backoff * 2, BACKOFF_MS.max)
}

function start(options: ChildOptions): ChildProcess {
  const { command, env, cwd } = options
  const child = spawn(command.file, [...command.args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
    // A group of its own: Ctrl-C in a terminal reaches us only, and we decide the order of the end.
    detached: true,
    ...(cwd === undefined ? {} : { cwd }),
    ...(command.uid === undefined ? {} : { uid: command.uid }),
    ...(command.gid === undefined ? {} : { gid: command.gid }),
  })
  if (options.niceness !== undefined) standBack(child, options.niceness)
  return child
}

/** Threads it starts later inherit it. Best effort: without it acknowledgements are slower under load, nothing worse. */
function standBack(child: ChildProcess, niceness: number): void {
  if (child.pid === undefined) return
  try {
    setPriority(child.pid, niceness)
    // Where Linux groups processes by session, niceness counts inside a group only, and each child has a session of its own.
    writeFileSync(`/proc/${child.pid}/autogroup`, String(niceness))
  } catch {
    // Not permitted, not Linux, or gone already.
  }
}

/** Rejects when the child ends, or does nothing for too long, before it is ready; it is gone then. */
async function ready(child: ChildProcess, options: ChildOptions): Promise<void> {
  const said: string[] = []
  let patience: Patience | null = null
  try {
    await new Promise<void>((resolve, reject) => {
      const failed = (reason: string): void => {
        reject(new Error(`${options.name} ${reason}: ${said.join('\n')}`))
      }
      if (child.pid !== undefined) {
        patience = waitPatiently(child.pid, PATIENCE, {
          over: failed,
          slow: (elapsedMs) => {
            const seconds = Math.round(elapsedMs / 1_000)
            options.logger.warn({ child: options.name, seconds }, 'a child process starts slowly')
          },
        })
      }
      for (const from of ['stdout', 'stderr'] as const) {
        const stream = child[from]
        if (stream === null) continue
        createInterface(stream).on('line', (line) => {
          if (said.push(line) > 20) said.shift()
          patience?.heard()
          if (options.onLine(line, from)) resolve()
        })
      }
      child.stdin?.on('error', () => undefined)
      child.once('error', (err) => {
        failed(`could not be started (${err.message})`)
      })
      child.once('close', (code, signal) => {
        failed(`ended with ${String(signal ?? code)}`)
      })
      if (options.readyAtOnce === true) {
        child.once('spawn', () => {
          resolve()
        })
      }
    })
  } catch (err) {
    killGroup(child)
    throw err
  } finally {
    stopWaiting(patience)
  }
}

// The compiler does not see that the executor of a promise has set it.
function stopWaiting(patience: Patience | null): void {
  patience?.stop()
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
