// Puts an answer on the wire in one piece, and ends requests whose body nobody wants any more.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Quota } from '@sandpiper/tokens'
import type { EventsAnswer, EventsCall } from './routes/post-events/events-call.ts'

const EXPOSED =
  'X-Request-Id, Retry-After, Idempotency-Replayed, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset'

/** How long a refused client may go on sending, and how long it may be silent, before its connection is cut: most read the answer only
 * after they have sent all. */
const LINGER_LOOKS = 10
const LINGER_LOOK_MS = 1_000
const LITTLE_BYTES = 64 * 1024

/** Sends the answer. A request of whose body much has not arrived is the last one of its connection. */
export function sendAnswer({ req, res, requestId, quota }: EventsCall, answer: EventsAnswer): void {
  if (res.headersSent || res.destroyed) return
  const { status, body } = answer
  const headers = [
    'X-Request-Id',
    requestId,
    'Access-Control-Allow-Origin',
    '*',
    'Access-Control-Expose-Headers',
    EXPOSED,
  ]
  // What has no body says nothing about one.
  const bytes = Buffer.byteLength(body)
  if (status !== 204)
    headers.push('Content-Type', 'application/json; charset=utf-8', 'Content-Length', String(bytes))
  for (const name in answer.headers) headers.push(name, answer.headers[name] ?? '')
  if (quota !== null) pushQuota(headers, quota)
  const isLast = isMuchToCome(req)
  if (isLast) headers.push('Connection', 'close')
  res.writeHead(status, headers)
  if (isLast) {
    endAfterBody(res, body)
    return
  }
  const isOnePiece = status === 202 && bytes === body.length && appendToHead(res, body)
  if (isOnePiece) res.end()
  else res.end(body)
}

/**
 * Head and body as one piece: of `end(body)` node makes two, and gathers them in a write that costs a tenth of a small request. False,
 * and nothing done, where node keeps the head in another way than all versions so far.
 * @param body ASCII, of the length that the head says.
 */
function appendToHead(res: ServerResponse & { _header?: unknown }, body: string): boolean {
  if (typeof res._header !== 'string') return false
  res._header += body
  return true
}

/** Little is read and forgotten by the server itself, and the connection goes on. */
function isMuchToCome(req: IncomingMessage): boolean {
  if (req.complete) return false
  if (req.headers['transfer-encoding'] !== undefined) return true
  return Number(req.headers['content-length'] ?? 0) > LITTLE_BYTES
}

/**
 * Says everything now, and reads on for a while without keeping anything before it ends: node closes the connection behind the end of an
 * answer like this one, and a connection that is closed with bytes unread takes the answer with it.
 */
function endAfterBody(res: ServerResponse, body: string): void {
  const { req } = res
  if (body === '') res.flushHeaders()
  else res.write(body)
  const { socket } = req
  let looks = 0
  let readBefore = -1
  const end = (): void => {
    clearInterval(timer)
    res.end()
  }
  const timer = setInterval(() => {
    looks += 1
    if (looks === LINGER_LOOKS || socket.bytesRead === readBefore) end()
    readBefore = socket.bytesRead
  }, LINGER_LOOK_MS)
  req.once('end', end)
  req.once('close', end)
  req.resume()
}

function pushQuota(headers: string[], { limit, remaining, resetSeconds }: Quota): void {
  headers.push('X-RateLimit-Limit', String(limit))
  headers.push('X-RateLimit-Remaining', String(remaining))
  headers.push('X-RateLimit-Reset', String(resetSeconds))
}
