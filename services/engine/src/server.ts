// The HTTP face of the engine. Every request: read, take a session, run, answer; a client that leaves takes its query along.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { ListenOptions } from 'node:net'
import { readCode } from '@sandpiper/sql'
import type { Logger } from '@sandpiper/telemetry'

import type { Database } from './database.ts'
import { engineError, fromNative } from './engine-error.ts'
import type { Life } from './life.ts'
import { readStatement, type Statement } from './read-statement.ts'
import { createReply, sendError } from './reply.ts'
import {
  createTargets,
  readableBody,
  type EngineRequest,
  type Target,
  type Targets,
} from './request.ts'
import { runStatement } from './run-statement.ts'
import type { SessionPool } from './session-pool.ts'
import { formatOf, refuseForbidden } from './statement.ts'

export interface EngineServer {
  /** Listens; may be called for several addresses. */
  listen(address: ListenOptions): Promise<Server>
  /** Stops accepting, lets running requests end for `graceMs`, then cancels the rest and waits for them. */
  drain(graceMs: number): Promise<void>
}

export interface EngineServerDeps {
  readonly database: Database
  readonly pool: SessionPool
  readonly logger: Logger
  readonly life: Life
  readonly insertBytesMax: number
}

interface Parts extends EngineServerDeps {
  readonly targets: Targets
}

export function createEngineServer(deps: EngineServerDeps): EngineServer {
  const running = new Map<Promise<void>, AbortController>()
  const servers: Server[] = []
  const parts: Parts = { ...deps, targets: createTargets(deps.life) }
  const accept = (req: IncomingMessage, res: ServerResponse): void => {
    const leaving = new AbortController()
    res.on('close', () => {
      if (!res.writableFinished) leaving.abort()
    })
    const handled = handle(parts, req, res, leaving.signal).finally(() => running.delete(handled))
    running.set(handled, leaving)
  }
  return {
    async listen(address) {
      const http = createServer({ keepAliveTimeout: 30_000, requestTimeout: 0 }, accept)
      servers.push(http)
      http.listen(address)
      await once(http, 'listening')
      return http
    },
    async drain(graceMs) {
      const closed = servers.map((http) => new Promise((resolve) => http.close(resolve)))
      for (const http of servers) http.closeIdleConnections()
      const all = (): Promise<unknown> => Promise.allSettled(running.keys())
      let timer: NodeJS.Timeout | undefined
      const grace = new Promise((resolve) => (timer = setTimeout(resolve, graceMs)))
      await Promise.race([all(), grace])
      clearTimeout(timer)
      for (const leaving of running.values()) leaving.abort()
      await all()
      for (const http of servers) http.closeAllConnections()
      await Promise.all(closed)
    },
  }
}

async function handle(
  deps: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  let queryId: string = randomUUID()
  try {
    const target = deps.targets.find(req.url ?? '/')
    if (answersHealth(req, res, target)) return
    const request = target.read(req)
    queryId = request.queryId ?? queryId
    await query(deps, req, res, request, queryId, signal)
  } catch (err) {
    const error = fromNative(err, deps.database.version)
    deps.logger.debug({ queryId, code: error.code }, 'query failed')
    sendError(res, error, { queryId, displayName: deps.database.displayName })
    // What is left of the body is not read: the connection cannot be used again.
    if (!req.complete) res.once('finish', () => req.destroy())
  }
}

async function query(
  deps: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  request: EngineRequest,
  queryId: string,
  signal: AbortSignal,
): Promise<void> {
  let statement: Statement | null = null
  try {
    statement = await readStatement(request.urlQuery, readableBody(req), deps)
    const code = readCode(statement.sql)
    refuseForbidden(code)
    const session = await deps.pool.acquire(signal)
    try {
      const reply = createReply(res, {
        request,
        queryId,
        displayName: deps.database.displayName,
        format: formatOf(code) ?? request.defaultFormat,
      })
      const { database } = deps
      await runStatement({ database, session, request, statement, code, reply, signal })
    } finally {
      session.release()
    }
  } finally {
    if (statement?.kind === 'insert') await statement.discard()
  }
}

/** `/ping` and the bare root answer without a query, as a server's do. */
function answersHealth(
  req: IncomingMessage,
  res: ServerResponse,
  { pathname, hasQuery }: Target,
): boolean {
  const root = pathname === '/'
  if (pathname !== '/ping' && pathname !== '/replicas_status' && !root) {
    throw engineError('UNSUPPORTED_METHOD', `There is no handle ${pathname.slice(0, 200)}.`, 404)
  }
  if (root && (req.method === 'POST' || hasQuery)) return false
  res.setHeader('Content-Type', 'text/html; charset=UTF-8')
  res.end('Ok.\n')
  return true
}
