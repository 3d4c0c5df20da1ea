// A tail as server-sent events: what came, four times a second; a sign of life when nothing came; an end with its reason.
import type { TailEnd } from '@sandpiper/contracts'

import type { Tail } from '../../tail/event-tap.ts'

/** Milliseconds between two batches. */
export const BATCH_MS = 250
/** Batches between two looks at the token: a second. */
const BATCHES_PER_LOOK = 4
/** Batches between two signs of life: ten seconds. */
const BATCHES_PER_SIGN = 40
/** Batches that wait for a client that reads slowly. */
const WAITING_MAX = 4

interface Parts {
  readonly begin: { readonly event: string; readonly data: string }
  /** @throws fault `limit.rate`. */
  readonly watch: (onEnd: () => void) => Tail
  /** Null while the tail may go on. */
  readonly reasonToEnd: () => Promise<string | null>
}

/** Begins to watch at once, so that who gets no place hears it by a status. Whoever leaves off reading ends it. */
export function tailStream({ begin, watch, reasonToEnd }: Parts): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null
  let batches = 0
  let isLooking = false
  const tail = watch(() => {
    end('The server is stopping.')
  })
  const timer = setInterval(onTime, BATCH_MS)

  function close(): void {
    clearInterval(timer)
    tail.close()
    controller = null
  }

  function send(text: string): void {
    controller?.enqueue(encoder.encode(text))
  }

  function end(reason: string): void {
    const body: TailEnd = { reason }
    const open = controller
    send(eventOf('end', JSON.stringify(body)))
    close()
    open?.close()
  }

  function onTime(): void {
    batches += 1
    if (batches % BATCHES_PER_LOOK === 0 && !isLooking) void look()
    // Who reads slowly gets fewer rows, and is told how many he did not get.
    if ((controller?.desiredSize ?? 0) <= 0) return
    const batch = tail.take()
    if (batch !== null) send(eventOf('rows', batch))
    else if (batches % BATCHES_PER_SIGN === 0) send(':\n\n')
  }

  async function look(): Promise<void> {
    isLooking = true
    const reason = await reasonToEnd()
    isLooking = false
    if (reason !== null) end(reason)
  }

  return new ReadableStream<Uint8Array>(
    {
      start(opened) {
        controller = opened
        send(eventOf(begin.event, begin.data))
      },
      cancel: close,
    },
    new CountQueuingStrategy({ highWaterMark: WAITING_MAX }),
  )
}

function eventOf(name: string, data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`
}
