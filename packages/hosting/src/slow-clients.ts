// Ends requests whose body arrives too slowly: they hold a connection, and bytes that others could use. A body has 20 s, and one more
// second for each 500 bytes that came: whoever sends at all is fast enough, whoever only keeps a connection busy is not. A body that
// waits because we do not read it costs its client no time.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export interface SlowClientLimits {
  /** Milliseconds that any body may take. */
  readonly graceMs: number
  /** Bytes a second that give more time. */
  readonly bytesPerSecondMin: number
  /** Milliseconds between two looks. */
  readonly everyMs: number
}

/** As Apache's mod_reqtimeout: 20 s, 500 bytes a second. */
export const SLOW_CLIENT_LIMITS: SlowClientLimits = {
  graceMs: 20_000,
  bytesPerSecondMin: 500,
  everyMs: 1_000,
}

export interface SlowClients {
  /** Ended so far. */
  readonly counters: { ended: number }
  /** Watches the connection for as long as it lasts. */
  connected(socket: Socket): void
  /** Watches the body of a request that has begun on it. */
  began(req: IncomingMessage, res: ServerResponse): void
  close(): void
}

interface Watched {
  req: IncomingMessage | null
  res: ServerResponse | null
  /** Milliseconds in which the body could have come further. */
  spentMs: number
  readBefore: number
}

/** @param monotonicMs milliseconds that never go back. */
export function createSlowClients(
  limits: SlowClientLimits,
  monotonicMs: () => number,
): SlowClients {
  const connections = new Map<Socket, Watched>()
  const counters = { ended: 0 }
  let lookedAt = monotonicMs()

  function look(): void {
    const now = monotonicMs()
    // A longer time than that is our own delay, not the client's.
    const passedMs = Math.min(now - lookedAt, 2 * limits.everyMs)
    lookedAt = now
    for (const [socket, watched] of connections) {
      const { req, res } = watched
      if (req === null || req.complete || res === null || res.writableEnded) {
        watched.req = watched.res = null
        continue
      }
      if (!isRead(req)) continue
      watched.spentMs += passedMs
      const allowedMs =
        limits.graceMs +
        ((socket.bytesRead - watched.readBefore) / limits.bytesPerSecondMin) * 1_000
      if (watched.spentMs > allowedMs) end(socket, res)
    }
  }

  function end(socket: Socket, res: ServerResponse): void {
    counters.ended += 1
    connections.delete(socket)
    if (!res.headersSent) socket.write(TOO_SLOW)
    socket.destroySoon()
  }

  const timer = setInterval(look, limits.everyMs).unref()
  return {
    counters,
    connected(socket) {
      connections.set(socket, { req: null, res: null, spentMs: 0, readBefore: 0 })
      socket.once('close', () => connections.delete(socket))
    },
    began(req, res) {
      // A request without a body, or whose body came with its head, has nothing to be slow with: the next look finds it complete.
      const watched = connections.get(req.socket)
      if (watched === undefined) return
      watched.req = req
      watched.res = res
      watched.spentMs = 0
      watched.readBefore = req.socket.bytesRead
    },
    close() {
      clearInterval(timer)
    },
  }
}

const BODY = '{"error":"The body arrives too slowly. Nothing was stored."}'
const TOO_SLOW = `HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`

/** Whether it is the client that we wait for. */
function isRead(req: IncomingMessage): boolean {
  return req.readableFlowing === true || (req.readableLength === 0 && !req.isPaused())
}
