// At most N queries at a time, a bounded line before them, and a fresh connection for each: nothing of one request (settings,
// parameters, database, temporary tables, output left over by a failed query) can reach the next.
import type { Logger } from '@sandpiper/telemetry'

import { MARK_SETTING, type Database } from './database.ts'
import { engineError } from './engine-error.ts'
import type { Connection } from './native.ts'
import { QUERY_SECONDS_MAX, writePrelude, type Prelude } from './prelude.ts'

/** One place in the pool, held for one request. */
export interface Session {
  /** Name of the pipe that belongs to this place, in the working directory. */
  readonly pipe: string
  /** Opens a connection and sets it up; a second call replaces the first. */
  prepare(prelude: Prelude, options: { readonly inMemory: boolean }): Promise<Connection>
  /** Runs one call on the prepared connection; a signal kills it in the engine. @throws what libchdb threw. */
  run<Result>(call: (connection: Connection) => Promise<Result>): Promise<Result>
  release(): void
}

export interface SessionPool {
  /** @throws EngineError TOO_MANY_SIMULTANEOUS_QUERIES (503) when the line is full, QUERY_WAS_CANCELLED when the caller left. */
  acquire(signal: AbortSignal): Promise<Session>
  /** Sessions in use. */
  busy(): number
}

export interface SessionPoolOptions {
  readonly queueMax: number
  readonly querySeconds: number
}

interface Waiter {
  readonly give: (pipe: string) => void
  readonly signal: AbortSignal
}

/** How often a query that does not end is asked again to stop. */
const KILL_INTERVAL_MS = 200

export function createSessionPool(
  database: Database,
  logger: Logger,
  options: SessionPoolOptions,
): SessionPool {
  const free = [...database.pipes]
  const line: Waiter[] = []
  let nextMark = 1

  function giveBack(pipe: string): void {
    const waiter = line.shift()
    if (waiter === undefined) free.push(pipe)
    else waiter.give(pipe)
  }

  function wait(signal: AbortSignal): Promise<string> {
    const pipe = free.pop()
    if (pipe !== undefined) return Promise.resolve(pipe)
    if (line.length >= options.queueMax) {
      throw engineError(
        'TOO_MANY_SIMULTANEOUS_QUERIES',
        'Too many simultaneous queries. Try again later.',
        503,
      )
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        line.splice(line.indexOf(waiter), 1)
        reject(engineError('QUERY_WAS_CANCELLED', 'The client went away.'))
      }
      const waiter: Waiter = {
        signal,
        give: (given) => {
          signal.removeEventListener('abort', leave)
          resolve(given)
        },
      }
      signal.addEventListener('abort', leave, { once: true })
      line.push(waiter)
    })
  }

  async function acquire(signal: AbortSignal): Promise<Session> {
    if (signal.aborted) throw engineError('QUERY_WAS_CANCELLED', 'The client went away.')
    const pipe = await wait(signal)
    const mark = `sandpiper-${nextMark++}`
    let connection: Connection | null = null
    const close = (): void => {
      if (connection !== null) database.native.CloseConnection(connection)
      connection = null
    }
    return {
      pipe,
      async prepare(prelude, { inMemory }) {
        const text = writePrelude(prelude, {
          mark: [MARK_SETTING, mark],
          querySeconds: options.querySeconds,
          inMemory,
        })
        close()
        connection = database.open()
        await database.native.QueryAsyncConnection(connection, text, 'Null')
        return connection
      },
      async run(call) {
        if (connection === null) throw new Error('run() before prepare()')
        if (signal.aborted) throw engineError('QUERY_WAS_CANCELLED', 'The client went away.')
        const stop = (): void => void keepKilling(mark, ended)
        const running = call(connection)
        const ended = running.then(
          () => true,
          () => true,
        )
        // The engine's own limit can be raised inside the text; this one cannot.
        const deadline = setTimeout(stop, QUERY_SECONDS_MAX * 1000)
        signal.addEventListener('abort', stop, { once: true })
        try {
          return await running
        } finally {
          clearTimeout(deadline)
          signal.removeEventListener('abort', stop)
        }
      },
      release() {
        close()
        giveBack(pipe)
      },
    }
  }

  /** Asks until the query ended: the first time it may not be known to the engine yet. */
  async function keepKilling(mark: string, ended: Promise<boolean>): Promise<void> {
    for (;;) {
      await database.kill(mark).catch((err: unknown) => {
        logger.warn({ err, mark }, 'could not stop a query')
      })
      const over = await Promise.race([ended, pause()])
      if (over) return
    }
  }

  return { acquire, busy: () => database.pipes.length - free.length }
}

function pause(): Promise<boolean> {
  return new Promise((resolve) => setTimeout(resolve, KILL_INTERVAL_MS, false))
}
