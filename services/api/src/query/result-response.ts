import type { QueryReply } from '@sandpiper/clickhouse'

import type { OutputFormat } from './output-format.ts'

/**
 * The engine's answer as it is, without re-parsing. When the engine fails after the first 1 MiB the stream errors, which
 * destroys the connection; when the caller leaves, reading stops and the engine ends the query.
 */
export function resultResponse(reply: QueryReply, format: OutputFormat): Response {
  const headers = { 'Content-Type': format.contentType }
  if (reply.whole === null) return new Response(streamOf(reply.body), { headers })
  return new Response(reply.whole, {
    headers: { ...headers, 'Content-Length': String(reply.whole.byteLength) },
  })
}

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
