import type { IncomingMessage } from 'node:http'
import { fault, type Fault } from '@sandpiper/faults'

import { within } from './within.ts'

/** The body of a reply, counted and never waited for without end. A reader that is slow is waited for: the other side is held back. */
export async function* boundedBody(
  reply: IncomingMessage,
  bounds: {
    readonly bytesMax: number
    readonly idleMs: number
    readonly signal: AbortSignal
    readonly toFault: (err: unknown) => unknown
  },
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = reply[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>
  let bytes = 0
  try {
    for (;;) {
      const { value, done } = await within(bounds.idleMs, bounds.signal, pieces.next())
      if (done === true) break
      bytes += value.byteLength
      if (bytes > bounds.bytesMax) throw tooLarge(bounds.bytesMax)
      yield value
    }
    // A body that ends before its announced length must not look complete.
    if (!reply.complete) throw new Error('the body ended early')
  } catch (err) {
    throw bounds.toFault(err)
  } finally {
    reply.destroy()
  }
}

/** The body is over its bound. */
export function tooLarge(bytesMax: number): Fault {
  return fault('request.too_large', { public: `The file is larger than ${bytesMax} bytes.` })
}
