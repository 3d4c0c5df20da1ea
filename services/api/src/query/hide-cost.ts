// How much was read tells of rows behind a filter: a condition on a key reads more where somebody else's rows match it. So whoever may see
// only some of the rows is told no cost, neither in headers nor at the end of a JSON document.

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
  const { body, status } = response
  if (!isDocument || body === null) return new Response(body, { status, headers })
  return new Response(body.pipeThrough(withoutStatistics()), { status, headers })
}

/** A JSON document without its last member `statistics`; anything else as it is. */
export function cutStatistics(end: string): string {
  return end.replace(STATISTICS, '\n}\n')
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
      // latin1 keeps every byte as it is, whatever character was cut in two.
      controller.enqueue(Buffer.from(cutStatistics(kept.toString('latin1')), 'latin1'))
    },
  })
}
