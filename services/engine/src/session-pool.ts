// At most N queries at a time, and a fresh connection for each: nothing of one request (settings, parameters, database, temporary
// tables, output left over by a failed query) can reach the next.
import type { Logger } from '@sandpiper/telemetry'

import { MARK_SETTING, type Database } from './database.ts'
import type { Connection } from './native.ts'
import { QUERY_SECONDS_MAX, writePrelude, type Prelude } from './prelude.ts'
import { clientGone, createWaitingLine } from './waiting-line.ts'

/** One place in the pool, held for one request. */
export interface Session {
  /** Name of the pipe that belongs to this place, in the working directory. */
  readonly pipe: string
  /** Opens a connection and sets it up; a second call replaces the first. */
  prepare(prelude: Prelude, options: { readonly inMemory: boolean }): Promise<void>
  /** Runs one call on the prepared connection; the signal kills it in the engine. @throws what libchdb threw. */
  run<Result>(call: (connection: Connection) => Promise<Result>): Promise<Result>
  /** Gives the place to the next. Nothing may be running. Idempotent. */
  release(): void
}

export interface SessionPool {
  /** @throws EngineError TOO_MANY_SIMULTANEOUS_QUERIES (503) when the line is full, QUERY_WAS_CANCELLED when the caller left. */
  acquire(signal: AbortSignal): Promise<Session>
}

export interface SessionPoolOptions {
  readonly queueMax: number
  readonly querySeconds: number
}

/** How often a query that does not end is asked again to stop. */
const KILL_INTERVAL_MS = 200

export function createSessionPool(
  database: Database,
  logger: Logger,
  options: SessionPoolOptions,
): SessionPool {
  const line = createWaitingLine(database.pipes, options.queueMax)
  let nextMark = 1
  return {
    async acquire(signal) {
      const pipe = await line.take(signal)
      const giveBack = (): void => {
        line.giveBack(pipe)
      }
      const mark = `sandpiper-${nextMark++}`
      return createSession({ database, logger, pipe, mark, signal, giveBack, ...options })
    },
  }
}

interface SessionOptions {
  readonly database: Database
  readonly logger: Logger
  readonly pipe: string
  readonly mark: string
  readonly signal: AbortSignal
  readonly querySeconds: number
  readonly giveBack: () => void
}

function createSession(options: SessionOptions): Session {
  const { database, mark, signal } = options
  const { native } = database
  let connection: Connection | null = null
  let isReleased = false
  const close = (): void => {
    if (connection !== null) native.CloseConnection(connection)
    connection = null
  }
  return {
    pipe: options.pipe,
    async prepare(prelude, { inMemory }) {
      const { querySeconds } = options
      const text = writePrelude(prelude, { mark: [MARK_SETTING, mark], querySeconds, inMemory })
      close()
      connection = database.open()
      await native.QueryAsyncConnection(connection, text, 'Null')
    },
    async run(call) {
      if (connection === null) throw new Error('run() before prepare()')
      if (signal.aborted) throw clientGone()
      const running = call(connection)
      const stop = (): void => void keepKilling(options, running)
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
      if (isReleased) return
      isReleased = true
      close()
      options.giveBack()
    },
  }
}

/** Asks until the query ended: the first time it may not be known to the engine yet. */
async function keepKilling(
  { database, logger, mark }: SessionOptions,
  running: Promise<unknown>,
): Promise<void> {
  const ended = running.then(
    () => true,
    () => true,
  )
  for (;;) {
    await database.kill(mark).catch((err: unknown) => {
      logger.warn({ err, mark }, 'could not stop a query')
    })
    if (await Promise.race([ended, pause()])) return
  }
}

function pause(): Promise<boolean> {
  return new Promise((resolve) => setTimeout(resolve, KILL_INTERVAL_MS, false))
}
