// A reply as the driver's events bring it. Nearly all answers are small and end at once: for them there is one promise, and no stream
// with its bookkeeping, which cost more than everything else on the way of a small query.
import type { Dispatcher, Pool } from 'undici'

/** The beginning of a reply. */
export interface Beginning {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  /** What has come so far; everything when `rest` is null. */
  readonly held: readonly Uint8Array[]
  /** UTF-8 or binary bytes in `held`. */
  readonly bytes: number
  /** All of a reply that had not ended by then, `held` included. Leaving it early closes the connection. Null when it ended. */
  readonly rest: AsyncIterable<Uint8Array> | null
}

export interface IncomingReply {
  /** The reply to its end, or to `bytesMax` when that comes first. @throws what the driver or `abort` says. */
  readonly beginning: Promise<Beginning>
  /** Closes the connection; whoever waits gets the reason. Nothing once the reply ended. */
  abort(reason: Error): void
}

/** Bytes that wait for a slow reader before the connection is not read any more. */
const WAITING_BYTES_MAX = 262_144

/** Sends one request. @param bytesMax how much of the reply is held before it is handed out. */
export function sendRequest(
  pool: Pool,
  request: Dispatcher.DispatchOptions,
  bytesMax: number,
): IncomingReply {
  const incoming = new Incoming(bytesMax)
  pool.dispatch(request, incoming)
  return incoming
}

class Incoming implements Dispatcher.DispatchHandler, IncomingReply {
  readonly beginning: Promise<Beginning>
  readonly #bytesMax: number
  #begin: (beginning: Beginning) => void = () => undefined
  #refuse: (reason: Error) => void = () => undefined
  #controller: Dispatcher.DispatchController | null = null
  #statusCode = 0
  #headers: Readonly<Record<string, string>> = {}
  #waiting: Uint8Array[] = []
  #bytes = 0
  #hasBegun = false
  #isEnded = false
  #failure: Error | null = null
  /** Calls the reader of the rest, who waits. */
  #wake: () => void = () => undefined

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
    this.beginning = new Promise((resolve, reject) => {
      this.#begin = resolve
      this.#refuse = reject
    })
  }

  abort(reason: Error): void {
    if (this.#isEnded || this.#failure !== null) return
    this.#fail(reason)
    this.#controller?.abort(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#failure !== null) controller.abort(this.#failure)
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.#statusCode = statusCode
    this.#headers = flat(headers)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#failure !== null) return
    this.#waiting.push(chunk)
    this.#bytes += chunk.byteLength
    if (this.#hasBegun) this.#wake()
    else if (this.#bytes >= this.#bytesMax) this.#hand(false)
    if (this.#hasBegun && this.#bytes >= WAITING_BYTES_MAX) controller.pause()
  }

  onResponseEnd(): void {
    this.#isEnded = true
    if (this.#hasBegun) this.#wake()
    else this.#hand(true)
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, reason: Error): void {
    if (!this.#isEnded && this.#failure === null) this.#fail(reason)
  }

  #fail(reason: Error): void {
    this.#failure = reason
    if (this.#hasBegun) this.#wake()
    else this.#refuse(reason)
  }

  #hand(isAll: boolean): void {
    this.#hasBegun = true
    this.#begin({
      statusCode: this.#statusCode,
      headers: this.#headers,
      held: [...this.#waiting],
      bytes: this.#bytes,
      rest: isAll ? null : this.#rest(),
    })
  }

  // Not a generator: one that is left before its first chunk never runs its end.
  #rest(): AsyncIterable<Uint8Array> {
    const iterator: AsyncIterator<Uint8Array> = {
      next: () => this.#next(),
      return: async () => {
        this.#waiting = []
        this.abort(new Error('the reader stopped'))
        return Promise.resolve({ done: true, value: undefined })
      },
    }
    return { [Symbol.asyncIterator]: () => iterator }
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const chunk = this.#waiting.shift()
      if (chunk !== undefined) {
        this.#bytes -= chunk.byteLength
        if (this.#bytes < WAITING_BYTES_MAX) this.#controller?.resume()
        return { done: false, value: chunk }
      }
      if (this.#failure !== null) throw this.#failure
      if (this.#isEnded) return { done: true, value: undefined }
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}

function flat(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Readonly<Record<string, string>> {
  const all: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) all[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return all
}
