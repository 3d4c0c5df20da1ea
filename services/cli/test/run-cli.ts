// Runs commands in this process against servers that a test makes up.
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { runCli } from '../src/cli.ts'
import type { CliWorld } from '../src/cli-call.ts'
import { openCredentials } from '../src/credentials.ts'

/** A request as the server saw it. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Reply {
  readonly status?: number
  readonly body?: unknown
  readonly text?: string
  /** Sent as they are, as no text. */
  readonly bytes?: Uint8Array
}

export interface MadeUpServer {
  readonly url: string
  readonly seen: Seen[]
  close(): void
}

/** A server that answers as told. */
export async function makeUpServer(reply: (seen: Seen) => Reply): Promise<MadeUpServer> {
  const seen: Seen[] = []
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const url = new URL(req.url ?? '', 'http://x')
      const one = {
        ...{ method: req.method ?? '', path: url.pathname, query: url.searchParams },
        ...{ headers: req.headers, body: Buffer.concat(chunks).toString() },
      }
      seen.push(one)
      const { status = 200, body, text, bytes } = reply(one)
      res.statusCode = status
      if (text === undefined && bytes === undefined)
        res.setHeader('Content-Type', 'application/json; charset=UTF-8')
      res.end(bytes ?? text ?? JSON.stringify(body ?? {}))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, seen, close: () => server.close() }
}

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** One command line. @param world what differs from a user at a terminal with a token. */
export async function say(
  args: readonly string[],
  { url, ...world }: Partial<CliWorld> & { readonly url: string | null },
): Promise<Said> {
  const said = { out: '', err: '' }
  const credentialsPath = '/nonexistent/credentials.json'
  const code = await runCli(args, {
    config: { url, token: 'p.secret', fromToken: null, credentialsPath, isPlain: true },
    credentials: openCredentials(credentialsPath),
    out: (text) => {
      said.out += typeof text === 'string' ? text : Buffer.from(text).toString()
    },
    err: (text) => (said.err += text),
    ...{ isTerminal: true, isOutTerminal: false },
    sleep: () => Promise.resolve(),
    now: () => Date.UTC(2026, 10, 21),
    ask: () => Promise.resolve(null),
    signal: new AbortController().signal,
    ...world,
  })
  return { code, ...said }
}

/** One command line against a server that answers everything with this. */
export async function sayTo(args: readonly string[], reply: Reply): Promise<Said> {
  const server = await makeUpServer(() => reply)
  try {
    return await say(args, { url: server.url })
  } finally {
    server.close()
  }
}
