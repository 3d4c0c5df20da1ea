// The app behind a listener of Node. An answer whose bytes are all there goes out in one write: as a stream it would be read back in
// pieces, and wait a millisecond between two of them.
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { wholeBody, type ApiApp } from '@sandpiper/api'
import type { RequestListener, ServerResponse } from 'node:http'

/** Makes the listener. It answers failures by itself and never rejects. */
export function answerRequests(app: Pick<ApiApp, 'fetch'>): RequestListener {
  const listen = getRequestListener(
    async (request, env) => {
      const response = await app.fetch(request, env)
      const body = wholeBody(response)
      if (body === undefined || !('outgoing' in env)) return response
      send(response, body, env.outgoing as ServerResponse)
      return RESPONSE_ALREADY_SENT
    },
    { overrideGlobalObjects: false },
  )
  return (req, res) => void listen(req, res)
}

function send(response: Response, body: Uint8Array, out: ServerResponse): void {
  if (out.destroyed) return
  out.writeHead(response.status, Object.fromEntries(response.headers))
  out.end(body)
}
