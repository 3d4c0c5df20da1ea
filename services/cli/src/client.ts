// Calls of the server. Every failure says what is wrong, where, and what to do; a token is never part of it.
import { errorSchema } from '@sandpiper/contracts'
import { CliError, usageError } from './cli-error.ts'

/** What is used of a zod schema. */
interface Schema<Value> {
  safeParse(value: unknown): { success: true; data: Value } | { success: false }
}

interface Answer {
  readonly text: string
  readonly contentType: string
}

export interface Client {
  get<Value>(path: string, schema: Schema<Value>): Promise<Value>
  /** Posts JSON, or a body as it is. */
  post<Value>(path: string, body: PostBody, schema: Schema<Value>): Promise<Value>
  /** Posts; the answer as it came. */
  postForText(path: string, body: PostBody): Promise<Answer>
}

export type PostBody =
  | { readonly json: unknown }
  | { readonly text: string }
  | { readonly file: Blob }
  | { readonly form: URLSearchParams }

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** @param token null: a server on this machine is asked for its own, by the first call. */
export function createClient({
  url,
  token,
}: {
  readonly url: string
  readonly token: string | null
}): Client {
  const base = parseUrl(url)
  let known = token
  const call = async (path: string, init: RequestInit): Promise<Answer> => {
    known ??= await localToken(base)
    const headers = {
      ...(init.headers as Record<string, string>),
      Authorization: `Bearer ${known}`,
    }
    const response = await send(base, path, { ...init, headers })
    const text = await response.text()
    if (!response.ok) throw refusal(base, path, response, text)
    return { text, contentType: response.headers.get('content-type') ?? '' }
  }
  const parsed = <Value>(path: string, { text }: Answer, schema: Schema<Value>): Value => {
    const result = schema.safeParse(jsonOf(text))
    if (result.success) return result.data
    throw new CliError(
      `${base.origin}${path} answered in a way this version does not understand. Use the command of the server's version.`,
    )
  }
  const post = (path: string, body: PostBody): Promise<Answer> =>
    call(path, { method: 'POST', ...bodyOf(body) })
  return {
    get: async (path, schema) => parsed(path, await call(path, {}), schema),
    post: async (path, body, schema) => parsed(path, await post(path, body), schema),
    postForText: post,
  }
}

function bodyOf(body: PostBody): RequestInit {
  if ('json' in body)
    return {
      body: JSON.stringify(body.json),
      headers: { 'Content-Type': 'application/json' },
    }
  if ('text' in body) return { body: body.text, headers: { 'Content-Type': 'text/plain' } }
  if ('form' in body) return { body: body.form }
  return { body: body.file }
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

async function localToken(base: URL): Promise<string> {
  if (!LOOPBACK.has(base.hostname))
    throw usageError(
      `${base.origin} is not on this machine: it needs a token. Give --token, or set SANDPIPER_TOKEN.`,
    )
  const response = await send(base, '/tokens', {})
  const body = jsonOf(await response.text()) as { workspace_admin_token?: unknown } | null
  if (response.ok && typeof body?.workspace_admin_token === 'string')
    return body.workspace_admin_token
  throw new CliError(
    `${base.origin} gives out no token of its own. Give --token, or set SANDPIPER_TOKEN.`,
  )
}

async function send(base: URL, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(new URL(path, base), init)
  } catch (err) {
    const cause = err instanceof Error && err.cause instanceof Error ? err.cause.message : ''
    throw new CliError(
      `no answer from ${base.origin}${cause === '' ? '' : ` (${cause})`}. Is the server running there? Start it with npm start, or give another --host.`,
    )
  }
}

function refusal(base: URL, path: string, response: Response, text: string): CliError {
  const parsed = errorSchema.safeParse(jsonOf(text))
  const why = parsed.success ? parsed.data.error : text.slice(0, 500)
  const wait = response.headers.get('retry-after')
  const later = wait === null ? '' : ` Try again in ${wait} s.`
  return new CliError(
    `${why}${later} (${response.status} of ${base.origin}${path.split('?')[0] ?? ''})`,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
