// Answers what node's parser gives up on, as node does by itself, but for URLs that are too long: those have a status of their own, and
// scripts of browsers may read it.
import type { Duplex } from 'node:stream'

/** What node tells of a request that it could not read. */
export interface Unreadable extends Error {
  readonly code?: string
  /** The packet at which it gave up. */
  readonly rawPacket?: Buffer
}

/** Line and headers together may have 16 KiB; a line of more than this is what made them too long. */
const LONG_LINE_BYTES = 8 * 1_024

const DATA_PLANE = /^(?:GET|HEAD|POST) \/v0\/(?:pipes|sql)\b/

/** The words of an answer, or null for a socket that can take none. @param err of the server's `clientError`. */
export function answerOf(err: Unreadable): { readonly head: string; readonly isLongUrl: boolean } {
  switch (err.code) {
    case 'HPE_HEADER_OVERFLOW': {
      const line = firstLine(err.rawPacket)
      if (line.length <= LONG_LINE_BYTES) return plain('431 Request Header Fields Too Large')
      const body = '{"error":"The URL is too long: send the parameters in the body of a POST."}'
      const cors = DATA_PLANE.test(line) ? 'Access-Control-Allow-Origin: *\r\n' : ''
      return {
        head: `HTTP/1.1 414 URI Too Long\r\nContent-Type: application/json\r\n${cors}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
        isLongUrl: true,
      }
    }
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return plain('413 Payload Too Large')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return plain('408 Request Timeout')
    default:
      return plain('400 Bad Request')
  }
}

/** Answers on the socket, unless an answer has begun there, and ends it. */
export function refuseUnreadable(err: Unreadable, socket: Duplex): { readonly isLongUrl: boolean } {
  const { head, isLongUrl } = answerOf(err)
  // Node's own: the answer that is being written on this socket.
  const { _httpMessage: begun } = socket as { _httpMessage?: { _headerSent?: boolean } | null }
  if (socket.writable && begun?._headerSent !== true) socket.write(head)
  if ('destroySoon' in socket && typeof socket.destroySoon === 'function') socket.destroySoon()
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
