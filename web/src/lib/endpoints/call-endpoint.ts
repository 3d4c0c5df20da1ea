// One call of an endpoint, with what its answer says beside the rows.
import type { Api, SqlResult } from '../api-client.ts'

/** Values as they are typed; an empty one is not sent, so that the default counts. */
export type ParamValues = Readonly<Record<string, string>>

export interface EndpointCall {
  pipe: string
  params: ParamValues
  /** The ending of the address. */
  format?: string
  signal?: AbortSignal | undefined
}

export interface EndpointAnswer {
  status: number
  /** Of the body as it came. */
  bytes: number
  /** From the request to the answer's last byte. */
  milliseconds: number
  /** HIT or MISS, for endpoints whose answers are kept. */
  cache: string | null
  requestId: string | null
  contentType: string
  body: ArrayBuffer
  /** Of JSON answers. */
  result: SqlResult | null
}

/** @throws ApiError as the server says it. */
export async function callEndpoint(api: Api, call: EndpointCall): Promise<EndpointAnswer> {
  const started = performance.now()
  const answer = await api.response(endpointPath(call.pipe, call.format ?? 'json'), {
    query: sentParams(call.params),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  })
  const body = await answer.arrayBuffer()
  const isJson = (call.format ?? 'json') === 'json'
  return {
    status: answer.status,
    bytes: body.byteLength,
    milliseconds: performance.now() - started,
    cache: answer.headers.get('X-Cache'),
    requestId: answer.headers.get('X-Request-Id'),
    contentType: answer.headers.get('Content-Type') ?? '',
    body,
    result: isJson ? (JSON.parse(new TextDecoder().decode(body)) as SqlResult) : null,
  }
}

export function endpointPath(pipe: string, format: string): string {
  return `/v0/pipes/${encodeURIComponent(pipe)}.${format}`
}

/** Those that have a value. */
export function sentParams(params: ParamValues): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== ''))
}
