// Reads what a request asks for, the way ClickHouse's HTTP interface does: query in the URL, in the body, or begun in the one and
// ended in the other; parameters and settings in the URL; bodies and replies compressed.
import type { IncomingMessage } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

import { engineError } from './engine-error.ts'
import { LIFE_PARAMETER, type Life } from './life.ts'
import type { Prelude } from './prelude.ts'

export interface EngineRequest {
  readonly urlQuery: string
  readonly prelude: Prelude
  readonly queryId: string | null
  /** Format of a SELECT that names none. */
  readonly defaultFormat: string
  /** Content encoding of the reply, or null. */
  readonly encoding: 'gzip' | 'deflate' | 'br' | null
}

/** Parameters of the interface itself; every other one is a setting. */
const NOT_SETTINGS = new Set([
  'query',
  'database',
  'default_format',
  'query_id',
  'user',
  'password',
  'quota_key',
  'role',
  'stacktrace',
  'session_id',
  'session_timeout',
  'session_check',
  'close_session',
  'compress',
  'decompress',
  'buffer_size',
  'wait_end_of_query',
  'enable_http_compression',
  'http_zlib_compression_level',
  'send_progress_in_http_headers',
  LIFE_PARAMETER,
])
/** Features of a server that would change the answer if they were ignored. */
const REFUSED = ['session_id', 'compress', 'decompress', 'role'] as const

/** @throws EngineError for features the embedded engine does not have, and for statements to another life. */
export function readRequest(req: IncomingMessage, url: URL, life: Life): EngineRequest {
  const settings = new Map<string, string>()
  const params = new Map<string, string>()
  for (const [name, value] of url.searchParams) {
    if (name.startsWith('param_')) params.set(name.slice('param_'.length), value)
    else if (!NOT_SETTINGS.has(name)) settings.set(name, value)
  }
  for (const [name, value] of life.params(url.searchParams.get(LIFE_PARAMETER)))
    params.set(name, value)
  for (const name of REFUSED) {
    const value = url.searchParams.get(name) ?? ''
    if (value !== '' && value !== '0') {
      throw engineError(
        'NOT_IMPLEMENTED',
        `The embedded engine does not know the URL parameter ${name}.`,
      )
    }
  }
  // A server treats GET as a promise to change nothing; a caller's own readonly is stricter or equal.
  if (req.method !== 'POST' && !settings.has('readonly')) settings.set('readonly', '2')
  return {
    urlQuery: url.searchParams.get('query') ?? '',
    prelude: {
      database: url.searchParams.get('database') || header(req, 'x-clickhouse-database') || null,
      settings,
      params,
    },
    queryId: url.searchParams.get('query_id') || header(req, 'x-clickhouse-query-id') || null,
    defaultFormat: formatName(
      url.searchParams.get('default_format') ||
        header(req, 'x-clickhouse-format') ||
        'TabSeparated',
    ),
    encoding:
      url.searchParams.get('enable_http_compression') === '1' ? acceptedEncoding(req) : null,
  }
}

/** The body, decompressed. @throws EngineError for an encoding that is not known. */
export function readableBody(req: IncomingMessage): Readable {
  const encoding = header(req, 'content-encoding').toLowerCase()
  switch (encoding) {
    case '':
    case 'identity':
      return req
    case 'gzip':
    case 'x-gzip':
      return decompress(req, createGunzip())
    case 'deflate':
      return decompress(req, createInflate())
    case 'br':
      return decompress(req, createBrotliDecompress())
    default:
      throw engineError('NOT_IMPLEMENTED', `Unknown content encoding ${encoding.slice(0, 40)}.`)
  }
}

function decompress(req: IncomingMessage, through: Transform): Readable {
  req.on('error', (err) => through.destroy(err))
  req.on('close', () => {
    if (!req.complete) through.destroy(new Error('the body was cut off'))
  })
  return req.pipe(through)
}

function acceptedEncoding(req: IncomingMessage): EngineRequest['encoding'] {
  const accepted = header(req, 'accept-encoding').toLowerCase()
  return (['gzip', 'deflate', 'br'] as const).find((each) => accepted.includes(each)) ?? null
}

function formatName(name: string): string {
  if (/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name)) return name
  throw engineError('BAD_ARGUMENTS', 'Not the name of a format.')
}

function header(req: IncomingMessage, name: string): string {
  const value = req.headers[name]
  return typeof value === 'string' ? value : (value?.[0] ?? '')
}
