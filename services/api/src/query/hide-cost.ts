// How much was read tells of rows behind a filter: a condition on a key reads more where somebody else's rows match it. So whoever may see
// only some of the rows is told no cost, neither in headers nor at the end of a JSON document.

import { wholeBody, wholeResponse } from './whole-response.ts'

/** Header with what a query cost, as Tinybird names it. */
export const COST_HEADER = 'X-DB-Statistics'

/** The statistics fit into these, and nothing is sent until more than these follow. */
const TAIL_BYTES = 512

const STATISTICS = /,\s*"statistics":\s*\{[^{}]*\}\s*\}\s*$/

/** The same answer without its cost. */
export function hideCost(response: Response): Response {
  const headers = new Headers(response.headers)
  headers.delete(COST_HEADER)
  headers.delete('Content-Length')
  const isDocument = headers.get('Content-Type')?.startsWith('application/json') === true
  const whole = wholeBody(response)
  if (whole !== undefined) {
    const cut = isDocument
      ? cutStatistics(Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength))
      : whole
    headers.set('Content-Length', String(cut.byteLength))
    return wholeResponse(cut, Object.fromEntries(headers))
  }
  const { body, status } = response
  if (!isDocument || body === null) return new Response(body, { status, headers })
  return new Response(body.pipeThrough(withoutStatistics()), { status, headers })
}

/** The end of a JSON document without its last member `statistics`; anything else as it is. */
function cutStatistics(document: Buffer): Buffer {
  const tail = document.subarray(-TAIL_BYTES)
  // latin1 keeps every byte as it is, whatever character was cut in two.
  const found = STATISTICS.exec(tail.toString('latin1'))
  if (found === null) return document
  const end = document.byteLength - tail.byteLength + found.index
  return Buffer.concat([document.subarray(0, end), Buffer.from('\n}\n')])
}

function withoutStatistics(): TransformStream<Uint8Array, Uint8Array> {
  let kept: Buffer = Buffer.alloc(0)
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      kept = kept.length === 0 ? Buffer.from(chunk) : Buffer.concat([kept, chunk])
      if (kept.length <= TAIL_BYTES) return
      const sure = kept.length - TAIL_BYTES
      controller.enqueue(kept.subarray(0, sure))
      kept = kept.subarray(sure)
    },
    flush(controller) {
      controller.enqueue(cutStatistics(kept))
    },
  })
}
