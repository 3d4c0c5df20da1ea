// Calls of the server. Every failure says what is wrong, where, and what to do; a token is never part of it.
import { errorSchema } from '@sandpiper/contracts'
import { CliError, Interrupted, usageError } from './cli-error.ts'

/** What is used of a zod schema. */
interface Schema<Value> {
  safeParse(value: unknown): { success: true; data: Value } | { success: false }
}

interface Answer {
  readonly text: string
  readonly contentType: string
}

/** An answer of which not every one is text. */
interface RawAnswer {
  readonly bytes: Uint8Array
  readonly contentType: string
}

/** An answer of whatever status. */
export interface AnyAnswer extends Answer {
  readonly status: number
}

/** A JSON object of the wire; members are looked at where they are used. */
export type Body = Readonly<Record<string, unknown>>

export interface Client {
  /** `http://host:port`. */
  readonly origin: string
  get<Value>(path: string, schema: Schema<Value>): Promise<Value>
  /** Posts JSON, or a body as it is. */
  post<Value>(path: string, body: PostBody, schema: Schema<Value>): Promise<Value>
  /** Posts; the answer as it came. */
  postForText(path: string, body: PostBody): Promise<Answer>
  /** Gets, or posts a body; the answer byte by byte: Parquet is no text. */
  raw(path: string, body?: PostBody): Promise<RawAnswer>
  /** The answer as an object; empty when there was none. */
  call(method: Method, path: string, body?: PostBody): Promise<Body>
  text(path: string): Promise<string>
  /** The answer of any status: no failure but silence. */
  answer(path: string): Promise<AnyAnswer>
  /** An answer of 2xx that is read as it comes. */
  open(path: string, body: PostBody, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** The token that calls are made with. */
  token(): Promise<string>
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export type PostBody =
  | { readonly json: unknown }
  | { readonly text: string }
  | { readonly file: Blob }
  | { readonly form: URLSearchParams }
  | { readonly parts: FormData }

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])
/** Statuses after which the same request may work. */
const PASSING = new Set([408, 425, 429, 502, 503, 504, 507])

/**
 * @param token null: a server on this machine is asked for its own, by the first call.
 * @param signal ends calls under way.
 */
export function createClient({
  url,
  token,
  signal,
}: {
  readonly url: string
  readonly token: string | null
  readonly signal: AbortSignal | null
}): Client {
  const base = parseUrl(url)
  let known = token === null ? null : Promise.resolve(token)
  const tokenOf = (): Promise<string> => (known ??= localToken(base, signal))
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = {
      ...(init.headers as Record<string, string> | undefined),
      Authorization: `Bearer ${await tokenOf()}`,
    }
    return fetched(base, path, { ...init, headers, signal })
  }
  const open = async (path: string, init: RequestInit): Promise<Response> => {
    const response = await send(path, init)
    if (response.ok) return response
    throw refusal(base, path, init.method ?? 'GET', response, await textOf(base, response))
  }
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await open(path, init)
    return { text: await textOf(base, response), contentType: typeOf(response) }
  }
  const parsed = <Value>(path: string, { text }: Answer, schema: Schema<Value>): Value =>
    understood(base, path, text, schema)
  const post = (path: string, body: PostBody): Promise<Answer> =>
    ask(path, { method: 'POST', ...bodyOf(body) })
  return {
    origin: base.origin,
    get: async (path, schema) => parsed(path, await ask(path, {}), schema),
    post: async (path, body, schema) => parsed(path, await post(path, body), schema),
    postForText: post,
    raw: async (path, body) => {
      const init = body === undefined ? {} : { method: 'POST', ...bodyOf(body) }
      const response = await open(path, init)
      return { bytes: await bytesOf(base, response), contentType: typeOf(response) }
    },
    call: async (method, path, body) => {
      const init = body === undefined ? {} : bodyOf(body)
      const { text } = await ask(path, { method, ...init })
      if (text.trim() === '') return {}
      const value = jsonOf(text)
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body
      throw notUnderstood(base, path)
    },
    text: async (path) => (await ask(path, {})).text,
    answer: async (path) => {
      const response = await send(path, {})
      const text = await textOf(base, response)
      return { status: response.status, text, contentType: typeOf(response) }
    },
    open: (path, body, headers = {}) => {
      const init = bodyOf(body)
      return open(path, {
        method: 'POST',
        ...init,
        headers: { ...(init.headers as Record<string, string> | undefined), ...headers },
      })
    },
    token: tokenOf,
  }
}

function understood<Value>(base: URL, path: string, text: string, schema: Schema<Value>): Value {
  const result = schema.safeParse(jsonOf(text))
  if (result.success) return result.data
  throw notUnderstood(base, path)
}

function typeOf(response: Response): string {
  return response.headers.get('content-type') ?? ''
}

function bodyOf(body: PostBody): RequestInit {
  if ('json' in body)
    return {
      body: JSON.stringify(body.json),
      headers: { 'Content-Type': 'application/json' },
    }
  if ('text' in body) return { body: body.text, headers: { 'Content-Type': 'text/plain' } }
  if ('form' in body) return { body: body.form }
  if ('parts' in body) return { body: body.parts }
  return { body: body.file }
}

/** Where a server is, without what stands behind its port. @throws CliError. */
export function originOf(url: string): string {
  return parseUrl(url).origin
}

/** Whether a server there would be this machine's. */
export function isLocal(origin: string): boolean {
  return LOOPBACK.has(new URL(origin).hostname)
}

function parseUrl(url: string): URL {
  try {
    const parsed = new URL(url)
    if (parsed.protocol === 'http:' || parsed.protocol === 'https:') return parsed
  } catch {
    // Told below.
  }
  throw usageError(
    `'${url}' is no URL of a server. Write --host http://127.0.0.1:7181, or set SANDPIPER_URL.`,
  )
}

async function localToken(base: URL, signal: AbortSignal | null): Promise<string> {
  if (!LOOPBACK.has(base.hostname))
    throw usageError(
      `${base.origin} is not on this machine: it needs a token. Run sandpiper login --host ${base.origin}, give --token, or set SANDPIPER_TOKEN.`,
    )
  const response = await fetched(base, '/tokens', { signal })
  const body = jsonOf(await response.text()) as { workspace_admin_token?: unknown } | null
  if (response.ok && typeof body?.workspace_admin_token === 'string')
    return body.workspace_admin_token
  throw new CliError(
    `${base.origin} gives out no token of its own. Run sandpiper login, give --token, or set SANDPIPER_TOKEN.`,
  )
}

async function fetched(base: URL, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(new URL(path, base), init)
  } catch (err) {
    throw silence(base, err)
  }
}

async function bytesOf(base: URL, response: Response): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer())
  } catch (err) {
    throw silence(base, err)
  }
}

async function textOf(base: URL, response: Response): Promise<string> {
  try {
    return await response.text()
  } catch (err) {
    throw silence(base, err)
  }
}

function silence(base: URL, err: unknown): Error {
  if (err instanceof Error && err.name === 'AbortError') return new Interrupted()
  const cause = err instanceof Error && err.cause instanceof Error ? err.cause.message : ''
  return new CliError(
    `no answer from ${base.origin}${cause === '' ? '' : ` (${cause})`}. Is the server running there? Start it with npm start, or give another --host.`,
    { isPassing: true },
  )
}

function refusal(
  base: URL,
  path: string,
  method: string,
  response: Response,
  text: string,
): CliError {
  const { status } = response
  const parsed = errorSchema.safeParse(jsonOf(text))
  const why = parsed.success ? parsed.data.error : text.slice(0, 500)
  const wait = response.headers.get('retry-after')
  const shown = path.split('?')[0] ?? ''
  const advice = [
    ...(wait === null ? [] : [` Try again in ${wait} s.`]),
    ...(why === 'Invalid token'
      ? ['. This server knows no such token: give --token, or log in anew: sandpiper login.']
      : []),
    ...(status === 501 ? [' This server cannot do that yet.'] : []),
    ...(status === 404 && /^Not found: [A-Z]+ \//.test(why)
      ? [` This server has no ${method} ${shown}: it may be older than this command.`]
      : []),
  ]
  const isPassing = PASSING.has(status)
  return new CliError(`${why}${advice.join('')} (${status} of ${base.origin}${shown})`, {
    status,
    isPassing,
  })
}

function notUnderstood(base: URL, path: string): CliError {
  return new CliError(
    `${base.origin}${path} answered in a way this version does not understand. Use the command of the server's version.`,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
