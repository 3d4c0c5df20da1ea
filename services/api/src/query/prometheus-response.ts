import { fault } from '@sandpiper/faults'

import { COST_HEADER } from './hide-cost.ts'
import { prometheusText } from './prometheus-text.ts'

/** Bytes of rows for one scrape: they are turned into text at once, on the loop that all requests share. */
const PROMETHEUS_BYTES_MAX = 4 * 1_048_576

/** Keeps numbers of 64 bits exact, and those that are infinite or none apart from null. */
export const PROMETHEUS_SETTINGS = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_denormals: 1,
} as const

/** The engine's rows as the text of a scrape. @throws fault `query.failed` for rows that are no metrics, and for too many. */
export async function prometheusResponse(rows: Response, contentType: string): Promise<Response> {
  const text = prometheusText(await readText(rows))
  const body = Buffer.from(text)
  const cost = rows.headers.get(COST_HEADER)
  return new Response(body, {
    headers: {
      'Content-Type': contentType,
      'Content-Length': String(body.byteLength),
      ...(cost === null ? {} : { [COST_HEADER]: cost }),
    },
  })
}

async function readText({ body }: Response): Promise<string> {
  if (body === null) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop cancels the stream, and with it the query.
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > PROMETHEUS_BYTES_MAX) {
      throw fault('query.failed', {
        public: `[Error] Prometheus: the rows take more than ${PROMETHEUS_BYTES_MAX} bytes.`,
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
