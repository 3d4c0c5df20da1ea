// Answers what node's parser gives up on, as node does by itself, but for URLs that are too long: those have a status of their own, and
// scripts of browsers may read it.
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** What node tells of a request that it could not read. */
interface Unreadable extends Error {
  readonly code?: string
  /** The packet at which it gave up. */
  readonly rawPacket?: Buffer
}

/** Line and headers together may have 16 KiB; a line of more than this is what made them too long. */
const LONG_LINE_BYTES = 8 * 1_024

const DATA_PLANE = /^(?:GET|HEAD|POST) \/v0\/(?:pipes|sql)\b/

/** The words of an answer. */
function answerOf(err: Unreadable): { readonly head: string; readonly isLongUrl: boolean } {
  if (err.code === 'HPE_HEADER_OVERFLOW') return tooLong(err.rawPacket)
  return plain(STATUSES.get(err.code ?? '') ?? '400 Bad Request')
}

const STATUSES: ReadonlyMap<string, string> = new Map([
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Payload Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
])

function tooLong(packet: Buffer | undefined): ReturnType<typeof answerOf> {
  const line = firstLine(packet)
  if (line.length <= LONG_LINE_BYTES) return plain('431 Request Header Fields Too Large')
  const body = '{"error":"The URL is too long: send the parameters in the body of a POST."}'
  const cors = DATA_PLANE.test(line) ? 'Access-Control-Allow-Origin: *\r\n' : ''
  return {
    head: `HTTP/1.1 414 URI Too Long\r\nContent-Type: application/json\r\n${cors}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    isLongUrl: true,
  }
}

/** Answers on the socket, unless an answer has begun there, and ends it. @param err of the server's `clientError`. */
export function refuseUnreadable(err: Unreadable, socket: Duplex): { readonly isLongUrl: boolean } {
  const { head, isLongUrl } = answerOf(err)
  // Node's own: the answer that is being written on this socket.
  const { _httpMessage: begun } = socket as { _httpMessage?: { _headerSent?: boolean } | null }
  if (socket.writable && begun?._headerSent !== true) socket.write(head)
  if (socket instanceof Socket) socket.destroySoon()
  else socket.end()
  return { isLongUrl }
}

function plain(status: string): { head: string; isLongUrl: false } {
  return { head: `HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, isLongUrl: false }
}

function firstLine(packet: Buffer | undefined): string {
  const text = packet?.toString('latin1') ?? ''
  const end = text.indexOf('\r\n')
  return end < 0 ? text : text.slice(0, end)
}
