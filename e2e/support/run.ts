// Runs programs as a user would, in a clean environment, ended by process id.
import { spawn, type ChildProcess } from 'node:child_process'

export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds, default 60_000. */
  readonly timeoutMs?: number
}

export interface Finished {
  readonly code: number | null
  /** Standard output and error as they came. */
  readonly output: string
}

/** A program that goes on until it is ended. */
export interface Running {
  output(): string
  /** Resolves when the output after the last match matches; rejects at the timeout or when the program ends. */
  until(pattern: RegExp): Promise<void>
  /** Sends SIGTERM to it alone and waits for its end. */
  end(): Promise<void>
}

/** Runs a program to its end. */
export async function run(command: Command): Promise<Finished> {
  const { child, read } = launch(command)
  const timer = setTimeout(() => child.kill('SIGKILL'), command.timeoutMs ?? 60_000)
  const code = await exited(child)
  clearTimeout(timer)
  return { code, output: read() }
}

/** Starts a program and leaves it running. */
export function start(command: Command): Running {
  const { child, read, onOutput } = launch(command)
  const ended = exited(child)
  let seen = 0
  return {
    output: read,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const fail = (why: string): void => {
          reject(new Error(`${why} before ${String(pattern)}:\n${read()}`))
        }
        const timer = setTimeout(() => fail('timeout'), command.timeoutMs ?? 60_000)
        const look = (): void => {
          const match = pattern.exec(read().slice(seen))
          if (!match) return
          seen += match.index + match[0].length
          clearTimeout(timer)
          resolve()
        }
        onOutput(look)
        void ended.then(() => fail('it ended'))
        look()
      }),
    end: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function launch({ command, args, cwd, env }: Command): {
  child: ChildProcess
  read: () => string
  onOutput: (listener: () => void) => void
} {
  const child = spawn(command, args, {
    cwd,
    // Only what a program needs: the CLI reads branch names from CI variables.
    env: { PATH: process.env['PATH'], HOME: cwd, NO_COLOR: '1', TZ: process.env['TZ'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const listeners: (() => void)[] = []
  let output = ''
  const add = (chunk: Buffer): void => {
    output += chunk.toString()
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', add)
  child.stderr.on('data', add)
  return { child, read: () => output, onOutput: (listener) => listeners.push(listener) }
}

function exited(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
}
