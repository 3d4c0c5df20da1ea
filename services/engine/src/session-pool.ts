// At most N queries at a time, each on a connection that nothing of another request can reach it through: a fresh one, or one on which
// only SELECTs and EXPLAINs under the very same settings ran, without parameters, each to its end. See docs/adr/0008 and 0013.
import type { Logger } from '@sandpiper/telemetry'

import {
  createIdleConnections,
  type IdleConnection,
  type IdleConnections,
} from './idle-connections.ts'
import { MARK_SETTING, type Database } from './database.ts'
import type { Connection } from './native.ts'
import {
  QUERY_SECONDS_MAX,
  rememberPreludes,
  withMark,
  writePrelude,
  type Prelude,
  type Purpose,
} from './prelude.ts'
import { clientGone, createWaitingLine } from './waiting-line.ts'

/** One place in the pool, held for one request. */
export interface Session {
  /** Name of the pipe that belongs to this place, in the working directory. */
  readonly pipe: string
  /** Takes a connection that is set up so, or opens one and sets it up; a second call replaces the first. */
  prepare(prelude: Prelude, purpose: Purpose): Promise<void>
  /** What ran was a SELECT or an EXPLAIN, to its end, and nothing is left of it: the next with the same prelude may have the connection. */
  keep(): void
  /** Runs one call on the prepared connection; the signal kills it in the engine. @throws what libchdb threw. */
  run<Result>(call: (connection: Connection) => Promise<Result>): Promise<Result>
  /** Gives the place to the next. Nothing may be running. Idempotent. */
  release(): void
}

export interface SessionPool {
  /** @throws EngineError TOO_MANY_SIMULTANEOUS_QUERIES (503) when the line is full, QUERY_WAS_CANCELLED when the caller left. */
  acquire(signal: AbortSignal): Promise<Session>
  /** Closes what is kept for later. Call when nothing runs any more. */
  close(): void
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
  const idle = createIdleConnections(database, database.pipes.length)
  const marks = createMarks()
  const { querySeconds } = options
  const write = rememberPreludes((prelude, purpose) =>
    writePrelude(prelude, { querySeconds, purpose, reserved: MARK_SETTING }),
  )
  return {
    async acquire(signal) {
      const pipe = await line.take(signal)
      const giveBack = (): void => {
        line.giveBack(pipe)
      }
      return createSession({ database, logger, idle, marks, write, pipe, signal, giveBack })
    },
    close: () => {
      idle.close()
    },
  }
}

function createMarks(): () => string {
  let next = 1
  return () => `sandpiper-${next++}`
}

interface SessionOptions {
  readonly database: Database
  readonly logger: Logger
  readonly idle: IdleConnections
  /** A mark that no other connection has. */
  readonly marks: () => string
  readonly write: (prelude: Prelude, purpose: Purpose) => string
  readonly pipe: string
  readonly signal: AbortSignal
  readonly giveBack: () => void
}

function createSession(options: SessionOptions): Session {
  const { database, idle, signal } = options
  const { native } = database
  let prepared: IdleConnection | null = null
  let isReleased = false
  let mayKeep = false
  let isKept = false
  const close = (): void => {
    if (prepared !== null && isKept && mayKeep) idle.put(prepared)
    else if (prepared !== null) native.CloseConnection(prepared.connection)
    prepared = null
  }
  return {
    pipe: options.pipe,
    async prepare(prelude, purpose) {
      const text = options.write(prelude, purpose)
      isKept = false
      close()
      mayKeep = prelude.params.size === 0
      const known = mayKeep ? idle.take(text) : null
      if (known !== null) {
        prepared = known
        return
      }
      const mark = options.marks()
      const connection = database.open()
      prepared = { connection, text, mark, uses: 0 }
      await native.QueryAsyncConnection(connection, withMark(text, [MARK_SETTING, mark]), 'Null')
    },
    async run(call) {
      if (prepared === null) throw new Error('run() before prepare()')
      if (signal.aborted) throw clientGone()
      const { connection, mark } = prepared
      const running = call(connection)
      const stop = (): void => {
        // A kill may come late: it must find nobody else's query under this mark.
        mayKeep = false
        void keepKilling(options, mark, running)
      }
      // The engine's own limit can be raised inside the text; this one cannot.
      const deadline = setTimeout(stop, QUERY_SECONDS_MAX * 1000)
      signal.addEventListener('abort', stop, { once: true })
      try {
        return await running
      } catch (err) {
        mayKeep = false
        throw err
      } finally {
        clearTimeout(deadline)
        signal.removeEventListener('abort', stop)
      }
    },
    keep() {
      isKept = true
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
  { database, logger }: SessionOptions,
  mark: string,
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
