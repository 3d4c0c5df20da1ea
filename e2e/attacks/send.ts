// Requests as no client sends them: each on a connection of its own, paths as they are written, bytes as they are.
import { request } from 'node:http'
import { connect } from 'node:net'

export interface Sent {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** The body as JSON; null when it is none. */
  readonly json: unknown
}

export interface ToSend {
  readonly method?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer | FormData | URLSearchParams
}

const TIMEOUT_MS = 30_000

/** Sends one request. The path is not normalised. */
export async function send(url: string, path: string, wish: ToSend = {}): Promise<Sent> {
  const { hostname, port } = new URL(url)
  const body = await packed(wish.body)
  const headers = {
    ...(wish.token === undefined ? {} : { Authorization: `Bearer ${wish.token}` }),
    ...body.headers,
    ...wish.headers,
  }
  const method = wish.method ?? (wish.body === undefined ? 'GET' : 'POST')
  return new Promise((resolve, reject) => {
    const req = request(
      {
        ...{ hostname, port, path, method, headers },
        agent: false,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
      (res) => {
        const chunks: Buffer[] = []
        const done = (): void => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: res.statusCode ?? 0, headers: res.headers, text, json: parsed(text) })
        }
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('end', done)
        // A server that refuses a body closes the connection behind its answer.
        res.on('error', done)
      },
    )
    req.on('error', reject)
    req.end(body.bytes)
  })
}

/** Writes bytes to a new connection and gives back what comes until it is closed; the status lines tell how many answers. */
export async function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'))
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy())
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      resolve(answer)
    })
  })
}

async function packed(
  body: ToSend['body'],
): Promise<{ bytes: Buffer; headers: Record<string, string> }> {
  if (body === undefined) return { bytes: Buffer.alloc(0), headers: {} }
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    const bytes = Buffer.from(body)
    return { bytes, headers: { 'Content-Length': String(bytes.length) } }
  }
  const response = new Response(body)
  const bytes = Buffer.from(await response.arrayBuffer())
  const type = response.headers.get('content-type') ?? ''
  return { bytes, headers: { 'Content-Type': type, 'Content-Length': String(bytes.length) } }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
