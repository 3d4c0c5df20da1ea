// Takes the output of a running query out of its named pipe, with backpressure: the engine's thread waits in write() while the
// client is slow, so a result of any size and format passes in 64 KiB of memory.
import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'

export interface PipeReader {
  readonly chunks: AsyncIterable<Buffer>
  /** Call when the query ended: what is left in the pipe is still delivered, then the chunks end. */
  finish(): void
  /** Stops reading: a query that goes on writing gets EPIPE instead of waiting for ever. Idempotent. */
  destroy(): void
}

/** Opens a named pipe for one query. */
export function openPipe(name: string): PipeReader {
  const reading = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK)
  let socket: Socket
  let writing: number | null
  try {
    // Our own writing end: the pipe must not look ended before the engine opened it, nor between two of its writes.
    writing = openSync(name, constants.O_WRONLY)
    socket = new Socket({ fd: reading, readable: true, writable: false })
  } catch (err) {
    closeSync(reading)
    throw err
  }
  const finish = (): void => {
    if (writing !== null) closeSync(writing)
    writing = null
  }
  return {
    chunks: socket,
    finish,
    destroy() {
      socket.destroy()
      finish()
    },
  }
}
