import type { QueryReply } from '@sandpiper/clickhouse'

import { COST_HEADER } from './hide-cost.ts'
import type { OutputFormat } from './output-format.ts'
import { wholeResponse } from './whole-response.ts'

/**
 * The engine's answer as it is, without re-parsing. When the engine fails after the first 1 MiB the stream errors, which
 * destroys the connection; when the caller leaves, reading stops and the engine ends the query.
 */
export function resultResponse(reply: QueryReply, format: OutputFormat): Response {
  const headers = { 'Content-Type': format.contentType }
  if (reply.whole === null) return new Response(streamOf(reply.body), { headers })
  const cost = costText(reply, format)
  return wholeResponse(reply.whole, {
    ...headers,
    'Content-Length': String(reply.whole.byteLength),
    ...(cost === null ? {} : { [COST_HEADER]: cost }),
  })
}

/** Seconds of the engine, and what it read where its format tells. The cost of a stream stands at its end, not here. */
function costText({ headers }: QueryReply, { engineFormat }: OutputFormat): string | null {
  const summary = headers['x-clickhouse-summary'] ?? ''
  const elapsed = Number(ELAPSED.exec(summary)?.[1] ?? NaN) / 1e9
  if (Number.isNaN(elapsed)) return null
  const isTold = engineFormat === 'JSON' || engineFormat === 'JSONCompact'
  if (!isTold) return JSON.stringify({ elapsed })
  const of = (pattern: RegExp): number => Number(pattern.exec(summary)?.[1] ?? NaN)
  return JSON.stringify({ elapsed, rows_read: of(READ_ROWS), bytes_read: of(READ_BYTES) })
}

const ELAPSED = /"elapsed_ns":"(\d{1,18})"/
const READ_ROWS = /"read_rows":"(\d{1,18})"/
const READ_BYTES = /"read_bytes":"(\d{1,18})"/

function streamOf(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await chunks.next()
      if (next.done === true) controller.close()
      else controller.enqueue(next.value)
    },
    async cancel() {
      await chunks.return?.()
    },
  })
}
