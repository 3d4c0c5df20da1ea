// The only importer of `pg`. Bounded pool, bounded waits, one translation of driver errors into faults.
import { Fault, fault } from '@sandpiper/faults'
import { briefError, type Logger } from '@sandpiper/telemetry'
import pg from 'pg'

/** Where Postgres is: a connection string, or its parts (`host` may be the folder of a unix socket). */
export type PostgresConnection =
  | string
  | {
      readonly host?: string
      readonly port?: number
      readonly user?: string
      readonly password?: string
      readonly database?: string
    }

type Values = readonly unknown[]

/** Whoever can run one statement: the pool, or a transaction. */
export interface Queryable {
  /** Rows of one statement with its values bound. @throws fault `catalog.unavailable`; SQLSTATE errors of our own statements as they are. */
  rows<Row>(sql: string, values?: Values): Promise<Row[]>
}

export interface Database extends Queryable {
  /** Runs the work in one transaction; commits when it resolves, rolls back when it rejects. */
  transaction<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result>
  /** A connection of its own, outside the pool, for LISTEN. The caller ends it. */
  connectAlone(): Promise<pg.Client>
  /** Connections of the pool now, and callers that wait for one. */
  connections(): { readonly used: number; readonly idle: number; readonly waiting: number }
  close(): Promise<void>
}

/** How long one statement may run by default, and how long a caller waits for a connection. Milliseconds. */
const STATEMENT_TIMEOUT_MS = 10_000
const CONNECT_TIMEOUT_MS = 5_000

/**
 * Opens a pool; nothing is connected yet. Connections to a server that takes no writes any more (the other side of a failover) are given up
 * as soon as it says so.
 * @param options.connectionsMax default 8, per process. @param options.statementMs how long one statement may take; default 10,000.
 */
export function openDatabase(options: {
  readonly connection: PostgresConnection
  readonly logger: Logger
  readonly connectionsMax?: number
  readonly statementMs?: number
}): Database {
  const statementMs = options.statementMs ?? STATEMENT_TIMEOUT_MS
  const config: pg.ClientConfig = {
    ...(typeof options.connection === 'string'
      ? { connectionString: options.connection }
      : options.connection),
    application_name: 'sandpiper',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementMs,
    lock_timeout: statementMs,
    idle_in_transaction_session_timeout: statementMs,
    // The server's own timeout does not help when the server is gone without a word.
    query_timeout: statementMs + CONNECT_TIMEOUT_MS,
    keepAlive: true,
  }
  const pools = createPools({ ...config, max: options.connectionsMax ?? 8 }, options.logger)
  return {
    rows: (sql, values) => pools.use((pool) => runOn(pool, sql, values)),
    transaction: (work) => pools.use((pool) => runTransaction(pool, work)),
    async connectAlone() {
      const client = new pg.Client({ ...config, query_timeout: CONNECT_TIMEOUT_MS })
      // It may break before whoever gets it listens, and that would end the process.
      client.on('error', () => undefined)
      try {
        await client.connect()
      } catch (err) {
        throw toFault(err)
      }
      return client
    },
    connections: () => {
      const pool = pools.current()
      return {
        used: pool.totalCount - pool.idleCount,
        idle: pool.idleCount,
        waiting: pool.waitingCount,
      }
    },
    close: () => pools.close(),
  }
}

/** A pool, and another one in its place as soon as the server of the first takes no writes any more. */
function createPools(config: pg.PoolConfig, logger: Logger) {
  const open = (): pg.Pool => {
    const opened = new pg.Pool({ ...config, idleTimeoutMillis: 60_000 })
    // Without a listener an idle connection that breaks would end the process.
    opened.on('error', (err) => {
      logger.warn({ err: briefError(err) }, 'an idle catalog connection broke')
    })
    return opened
  }
  let pool = open()
  const ending = new Set<Promise<void>>()

  /** Its other connections lead to the same server: what they read may be old, and nobody would notice. */
  function replace(readOnly: pg.Pool): void {
    if (readOnly !== pool) return
    logger.warn('Postgres takes no writes any more: connecting anew')
    pool = open()
    const ended = readOnly.end().finally(() => ending.delete(ended))
    ending.add(ended)
  }

  return {
    current: () => pool,
    async use<Result>(work: (used: pg.Pool) => Promise<Result>): Promise<Result> {
      const used = pool
      try {
        return await work(used)
      } catch (err) {
        if (isReadOnly(err)) replace(used)
        throw err
      }
    },
    async close() {
      await Promise.all([pool.end(), ...ending])
    },
  }
}

async function runTransaction<Result>(
  pool: pg.Pool,
  work: (tx: Queryable) => Promise<Result>,
): Promise<Result> {
  let broken: Error | undefined
  // A server that goes away between two queries tells nobody else, and without a listener that would end the process.
  const onBroken = (err: Error): void => {
    broken = err
  }
  const client = await takeFrom(pool, onBroken)
  try {
    await runOn(client, 'BEGIN')
    const result = await work({ rows: (sql, values) => runOn(client, sql, values) })
    await runOn(client, 'COMMIT')
    return result
  } catch (err) {
    await client.query('ROLLBACK').catch((cause: unknown) => {
      // A connection that cannot roll back must not return to the pool with an open transaction.
      broken = cause instanceof Error ? cause : new Error(String(cause))
    })
    throw err
  } finally {
    client.off('error', onBroken)
    client.release(broken)
  }
}

/** A server that ends may say so in the same packet as that we are connected: who listens only when a promise has resolved is too late. */
function takeFrom(pool: pg.Pool, onBroken: (err: Error) => void): Promise<pg.PoolClient> {
  return new Promise((resolve, reject) => {
    pool.connect((err, client) => {
      if (client === undefined) {
        reject(toFault(err))
        return
      }
      client.on('error', onBroken)
      resolve(client)
    })
  })
}

async function runOn<Row>(
  client: pg.Pool | pg.PoolClient,
  sql: string,
  values?: Values,
): Promise<Row[]> {
  try {
    const result = await client.query(sql, values === undefined ? undefined : [...values])
    return result.rows as Row[]
  } catch (err) {
    throw toFault(err)
  }
}

/** Ends a connection of its own without waiting for it: its server may be gone without a word. */
export function giveUp(client: pg.Client): void {
  client.end().catch(() => undefined)
}

/** True for the Postgres error of this SQLSTATE on this constraint or index. */
export function isViolation(
  err: unknown,
  sqlState: '23505' | '23503',
  constraint: string,
): boolean {
  return err instanceof pg.DatabaseError && err.code === sqlState && err.constraint === constraint
}

// SQLSTATE classes that speak of the server, not of our statement: connection, rollback by conflict, resources, operator
// intervention (statement timeout and shutdown among them), system error, internal error.
const SERVER_CLASSES = new Set(['08', '25', '40', '53', '55', '57', '58', 'XX'])

/** "cannot execute ... in a read-only transaction": a primary that became a replica. We open no such transactions ourselves. */
const READ_ONLY = '25006'

function isReadOnly(err: unknown): boolean {
  if (!(err instanceof Fault)) return false
  const { cause } = err
  return cause instanceof pg.DatabaseError && cause.code === READ_ONLY
}

function toFault(err: unknown): Error {
  if (err instanceof Fault) return err
  if (err instanceof pg.DatabaseError && !SERVER_CLASSES.has((err.code ?? 'XX').slice(0, 2)))
    return err
  return fault('catalog.unavailable', {
    public: 'The catalog is not available right now. Try again.',
    internal: err instanceof Error ? err.message : String(err),
    cause: err,
    headers: { 'Retry-After': '1' },
  })
}
