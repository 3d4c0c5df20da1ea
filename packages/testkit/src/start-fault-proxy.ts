// A proxy for HTTP between a client and a server, on real sockets, that does to single requests what networks and proxies do to them.
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as forward,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * What becomes of one request.
 * - `pass`: nothing. - `lose-reply`: the server answers, the connection is cut before a byte of it. - `fail-after`: the server does it, the
 * client reads 500 of the proxy. - `fail-before`: 503, the server hears nothing. - `lose-request`: cut, the server hears nothing.
 * - `hold-reply`: the server does it, the client hears nothing while it waits (a partition of one way). - `hold-request`: the server hears
 * nothing until `release`, then does it, even when the client is gone. - `double-reply`: the answer comes twice on the same connection.
 */
export type NetworkFault =
  | 'pass'
  | 'lose-reply'
  | 'fail-after'
  | 'fail-before'
  | 'lose-request'
  | 'hold-reply'
  | 'hold-request'
  | 'double-reply'

/** One request as the proxy saw it. */
export interface ProxiedRequest {
  /** Of the body or the URL. */
  readonly sql: string
  readonly body: Buffer
  /** 1 for the first. */
  readonly number: number
}

/** A running proxy; until it is told otherwise every request passes. */
export interface FaultProxy {
  /** `http://127.0.0.2:<port>`: a host of its own. */
  readonly url: string
  /** Statements that came by, in their order. */
  readonly statements: readonly string[]
  /** Requests that are held now. */
  held(): number
  /** Decides about each request from now on; `null`: all pass. */
  judge(by: ((request: ProxiedRequest) => NetworkFault) | null): void
  /** Delivers the requests that were held, and resolves when the server answered each. */
  release(): Promise<readonly { readonly status: number; readonly text: string }[]>
  stop(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Starts one. @param socketPath where the server listens; asked anew for each request. */
export async function startFaultProxy(socketPath: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true })
  const statements: string[] = []
  const held: (() => Promise<Answer>)[] = []
  let judge: ((request: ProxiedRequest) => NetworkFault) | null = null
  let number = 0

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readAll(req)
    const sql = new URL(req.url ?? '/', 'http://x').searchParams.get('query') ?? body.toString()
    statements.push(sql)
    number += 1
    const fault = judge?.({ sql, body, number }) ?? 'pass'
    const send = (): Promise<Answer> => ask(req, body, { socketPath, agent })
    if (fault === 'lose-request') return void req.socket.destroy()
    if (fault === 'fail-before') return void res.writeHead(503).end('Service Unavailable')
    if (fault === 'hold-request') {
      held.push(async () => {
        const answer = await send()
        if (!res.destroyed) res.writeHead(answer.status, answer.headers).end(answer.body)
        return answer
      })
      return
    }
    const answer = await send()
    if (fault === 'lose-reply') return void req.socket.destroy()
    if (fault === 'fail-after') return void res.writeHead(500).end('Internal Server Error')
    if (fault === 'hold-reply') return
    res.writeHead(answer.status, answer.headers).end(answer.body)
    if (fault === 'double-reply') req.socket.write(rawOf(answer))
  }

  const server = createServer((req, res) => {
    handle(req, res).catch(() => req.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve))
  return {
    url: `http://127.0.0.2:${(server.address() as AddressInfo).port}`,
    statements,
    held: () => held.length,
    judge(by) {
      judge = by
    },
    async release() {
      const answers = await Promise.all(held.splice(0).map((send) => send()))
      return answers.map(({ status, body }) => ({ status, text: body.toString() }))
    },
    async stop() {
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function ask(
  req: IncomingMessage,
  body: Buffer,
  to: { readonly socketPath: string; readonly agent: Agent },
): Promise<Answer> {
  const { 'transfer-encoding': _, ...headers } = req.headers
  const options = {
    ...to,
    path: req.url ?? '/',
    method: req.method ?? 'POST',
    headers: { ...headers, 'content-length': body.length },
  }
  return new Promise((resolve, reject) => {
    const asked = forward(options, (incoming) => {
      readAll(incoming).then((text) => {
        const { statusCode: status = 500, headers: all } = incoming
        const { 'transfer-encoding': _chunked, connection: _closed, ...kept } = all
        resolve({ status, headers: { ...kept, 'content-length': `${text.length}` }, body: text })
      }, reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

async function readAll(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function rawOf({ status, headers, body }: Answer): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`)
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status} OK\r\n${lines.join('\r\n')}\r\n\r\n`),
    body,
  ])
}
