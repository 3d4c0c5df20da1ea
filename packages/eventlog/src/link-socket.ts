// Lines over a unix socket with bounded memory on both sides.
import type { Socket } from 'node:net'

/** A line longer than this ends the connection. */
const LINK_LINE_BYTES_MAX = 64 * 1024

/** Unsent bytes above this end the connection: the other side has stopped reading. */
const UNSENT_BYTES_MAX = 16 * 1024 * 1024

/** Calls `onLine` for each line; a line above its limit destroys the socket. */
export function readLines(socket: Socket, onLine: (line: string) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
    if (rest.length > LINK_LINE_BYTES_MAX)
      socket.destroy(new Error('a line on the link is longer than its limit'))
  })
}

/** Sends one message as a line. A peer that no longer reads is cut off rather than buffered for. */
export function sendLine(socket: Socket, message: object): void {
  if (!socket.writable) return
  socket.write(`${JSON.stringify(message)}\n`)
  if (socket.writableLength > UNSENT_BYTES_MAX)
    socket.destroy(new Error('the other side of the link does not read'))
}

/** Bytes of one note as JSON. */
const NOTE_BYTES_MAX = 32 * 1024

/** Unsent bytes above this leave no room for notes: what the link is for goes first. */
const NOTES_UNSENT_BYTES_MAX = 1024 * 1024

/** Sends a note; false when it is too large, or the other side is slow or gone: then nothing was sent. */
export function sendNote(socket: Socket, body: object): boolean {
  const line = `${JSON.stringify({ kind: 'note', body })}\n`
  if (!socket.writable || socket.writableLength > NOTES_UNSENT_BYTES_MAX) return false
  if (Buffer.byteLength(line) > NOTE_BYTES_MAX) return false
  socket.write(line)
  return true
}

/** Runs `action` in the next turn of the loop, however often it is asked for; when it ran less than `ms` ago, once these are over. */
export function atMostEvery(ms: number, action: () => void): () => void {
  let isPlanned = false
  let restUntil = Number.NEGATIVE_INFINITY
  const run = (): void => {
    isPlanned = false
    restUntil = performance.now() + ms
    action()
  }
  return () => {
    if (isPlanned) return
    isPlanned = true
    const rest = restUntil - performance.now()
    if (rest > 0) setTimeout(run, rest).unref()
    else setImmediate(run)
  }
}
