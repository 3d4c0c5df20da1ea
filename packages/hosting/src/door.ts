// The one HTTP port. It is taken before anything is started, so that a taken port changes nothing, and answers 503 until the
// product behind it is ready.
import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createSlowClients, SLOW_CLIENT_LIMITS, type SlowClientLimits } from './slow-clients.ts'
import { StartError, systemCode } from './start-error.ts'
import { refuseUnreadable } from './unreadable-requests.ts'

/** The one port of a process. */
export interface Door {
  readonly port: number
  readonly url: string
  /** What was refused before any route saw it, for metrics. */
  counters(): DoorCounters
  /** From now on requests go here. */
  open(listener: RequestListener): void
  /** Accepts nothing more, lets what runs end for `graceMs`, then cuts it off. */
  close(graceMs: number): Promise<void>
}

/** Counts since the start; `connections` is of now. */
export interface DoorCounters {
  /** Open now. */
  readonly connections: number
  /** Closed at once because there were as many already. */
  readonly droppedConnections: number
  /** Requests ended because their body came too slowly. */
  readonly slowBodies: number
  /** Requests with too many headers. */
  readonly tooManyHeaders: number
  /** Requests with a URL that is too long. */
  readonly longUrls: number
}

/** What a connection may take of us. */
export interface DoorLimits {
  /** Connections at once; more are closed as soon as they are made. */
  readonly connectionsMax: number
  /** Headers of a request; with its URL they take at most 16 KiB. */
  readonly headersMax: number
  /** Milliseconds for the headers of a request. */
  readonly headersMs: number
  /** Milliseconds that a connection may be idle: more than the minute load balancers keep theirs. */
  readonly idleMs: number
  readonly slow: SlowClientLimits
}

/** 16,000 connections, 100 headers in 20 s, 65 s idle. */
export const DOOR_LIMITS: DoorLimits = {
  connectionsMax: 16_000,
  headersMax: 100,
  headersMs: 20_000,
  idleMs: 65_000,
  slow: SLOW_CLIENT_LIMITS,
}

/** Milliseconds in which even the largest body must have arrived: its progress is watched apart. */
const REQUEST_MS = 6 * 3_600_000

/** Connections that the system holds for us while we are busy. */
const BACKLOG = 4_096

/** @throws StartError when the address cannot be had. */
export async function openDoor(
  host: string,
  port: number,
  limits: DoorLimits = DOOR_LIMITS,
): Promise<Door> {
  let listener: RequestListener = starting
  const counts = { connections: 0, droppedConnections: 0, tooManyHeaders: 0, longUrls: 0 }
  const slow = createSlowClients(limits.slow, () => performance.now())
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
    },
    (req, res) => {
      if (req.rawHeaders.length > limits.headersMax * 2) {
        counts.tooManyHeaders += 1
        refuseHeaders(res)
        return
      }
      if (!req.complete) slow.began(req, res)
      listener(req, res)
    },
  )
  server.maxConnections = limits.connectionsMax
  // One more than are taken: what is beyond it is left out without a word, and could be a header that matters.
  server.maxHeadersCount = limits.headersMax + 1
  server.on('clientError', (err, socket) => {
    if (refuseUnreadable(err, socket).isLongUrl) counts.longUrls += 1
  })
  server.on('drop', () => (counts.droppedConnections += 1))
  server.on('connection', (socket) => {
    counts.connections += 1
    socket.once('close', () => (counts.connections -= 1))
    slow.connected(socket)
  })
  await listening(server, host, port)
  const { port: real } = server.address() as AddressInfo
  return {
    port: real,
    url: `http://${urlHost(host)}:${real}`,
    counters: () => ({ ...counts, slowBodies: slow.counters.ended }),
    open(next) {
      listener = next
    },
    async close(graceMs) {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      const timer = setTimeout(() => {
        server.closeAllConnections()
      }, graceMs)
      await closed
      clearTimeout(timer)
      slow.close()
    },
  }
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  server.listen({ host, port, backlog: BACKLOG })
  try {
    await once(server, 'listening')
  } catch (err) {
    throw cannotListen(err, host, port)
  }
}

function refuseHeaders(res: ServerResponse): void {
  res.writeHead(431, { 'Content-Type': 'application/json', Connection: 'close' })
  res.end('{"error":"The request has too many headers."}')
}

const starting: RequestListener = (_req, res) => {
  res.writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '1' })
  res.end('{"error":"The server is starting. Try again."}')
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

function cannotListen(err: unknown, host: string, port: number): unknown {
  switch (systemCode(err)) {
    case 'EADDRINUSE':
      return new StartError(`Port ${port} on ${host} is taken. Set SANDPIPER_PORT to another one.`)
    case 'EACCES':
      return new StartError(
        `This user may not listen on port ${port}. Set SANDPIPER_PORT to one above 1023.`,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(
        `This machine has no address ${host}. Set SANDPIPER_HOST to one it has.`,
      )
    default:
      return err
  }
}
