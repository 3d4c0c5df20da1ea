// The one way to the server. A client belongs to one place (a workspace or a branch) and its token; it never touches a global.
import { ApiError, type ApiErrorDetails } from './api-error.ts'

export type Query = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>

interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  query?: Query
  /** Sent as JSON. */
  json?: unknown
  /** Sent as it is: forms, files, text. */
  body?: BodyInit
  headers?: Readonly<Record<string, string>>
  signal?: AbortSignal
}

export interface SqlColumn {
  name: string
  type: string
}

/** Answer of `/v0/sql` with FORMAT JSON. */
export interface SqlResult<Row = Record<string, unknown>> {
  meta: SqlColumn[]
  data: Row[]
  rows: number
  rows_before_limit_at_least?: number
  statistics: { elapsed: number; rows_read: number; bytes_read: number }
}

export interface Api {
  /** The first part of every query key: what one place answered is never shown in another. */
  readonly place: string
  readonly token: string
  json<T>(path: string, options?: RequestOptions): Promise<T>
  text(path: string, options?: RequestOptions): Promise<string>
  /** The answer itself, for streams and downloads; failures throw all the same. */
  response(path: string, options?: RequestOptions): Promise<Response>
  /** Runs one SELECT. @param sql without FORMAT. */
  sql<Row = Record<string, unknown>>(sql: string, signal?: AbortSignal): Promise<SqlResult<Row>>
}

export function createApi(place: string, token: string): Api {
  const response = (path: string, options: RequestOptions = {}): Promise<Response> =>
    send(token, path, options)
  const json = async <T>(path: string, options?: RequestOptions): Promise<T> => {
    const answer = await response(path, options)
    return (answer.status === 204 ? undefined : await answer.json()) as T
  }
  return {
    place,
    token,
    response,
    json,
    text: async (path, options) => (await response(path, options)).text(),
    sql: (sql, signal) =>
      json('/v0/sql', {
        method: 'POST',
        body: `${sql}\nFORMAT JSON`,
        ...(signal === undefined ? {} : { signal }),
      }),
  }
}

async function send(token: string, path: string, options: RequestOptions): Promise<Response> {
  const { method = 'GET', query, json, body, headers, signal } = options
  const answer = await fetch(path + queryString(query), {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    credentials: 'omit',
    cache: 'no-store',
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  })
  if (answer.ok) return answer
  throw await toError(answer)
}

function queryString(query: Query = {}): string {
  const fields = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const each of Array.isArray(value) ? value : [value]) fields.append(name, String(each))
  }
  return fields.size === 0 ? '' : `?${fields}`
}

async function toError(answer: Response): Promise<ApiError> {
  const text = await answer.text()
  const body = parsed(text)
  const retryAfter = Number(answer.headers.get('Retry-After') ?? Number.NaN)
  const requestId = answer.headers.get('X-Request-Id')
  const details: ApiErrorDetails = {
    body,
    ...(typeof body['documentation'] === 'string' ? { documentation: body['documentation'] } : {}),
    ...(typeof body['node'] === 'string' ? { node: body['node'] } : {}),
    ...(typeof body['line'] === 'number' ? { line: body['line'] } : {}),
    ...(requestId === null ? {} : { requestId }),
    ...(Number.isFinite(retryAfter) ? { retryAfterSeconds: retryAfter } : {}),
  }
  const said = body['error']
  const message = typeof said === 'string' ? said : text.slice(0, 2000) || answer.statusText
  return new ApiError(answer.status, message, details)
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
