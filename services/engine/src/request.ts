// Reads what a request asks for, the way ClickHouse's HTTP interface does: query in the URL, in the body, or begun in the one and
// ended in the other; parameters and settings in the URL; bodies and replies compressed.
import type { IncomingMessage } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { LRUCache } from 'lru-cache'

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

/** What stands in a request's first line, read. */
export interface Target {
  readonly pathname: string
  /** Whether there is a query in the URL. */
  readonly hasQuery: boolean
  /** The whole request. @throws EngineError for features the embedded engine does not have, and for statements to another life. */
  readonly read: (req: IncomingMessage) => EngineRequest
}

export interface Targets {
  find(url: string): Target
}

/** The id of a query is different each time: behind it, what stands before is known again. */
const ENDS_WITH_ID = /^(.*)&query_id=([\w-]+)$/
/** Targets remembered, and the length of one: what queries of one kind share is a few hundred characters of settings. */
const KNOWN_MAX = 500
const KNOWN_LENGTH_MAX = 4_096

/** Remembers targets: settings and parameters of a request that differs from another in its id only need not be read again. */
export function createTargets(life: Life): Targets {
  const known = new LRUCache<string, Target>({ max: KNOWN_MAX })
  return {
    find(whole) {
      const [, target = whole, queryId] = ENDS_WITH_ID.exec(whole) ?? []
      let found = known.get(target)
      if (found === undefined) {
        found = readTarget(new URL(target, 'http://engine'), life)
        if (target.length <= KNOWN_LENGTH_MAX) known.set(target, found)
      }
      if (queryId === undefined) return found
      const { pathname, hasQuery, read } = found
      return {
        pathname,
        hasQuery,
        read(req) {
          const request = read(req)
          return { ...request, queryId: request.queryId ?? queryId }
        },
      }
    },
  }
}

function readTarget({ pathname, searchParams }: URL, life: Life): Target {
  const settings = new Map<string, string>()
  const params = new Map<string, string>()
  for (const [name, value] of searchParams) {
    if (name.startsWith('param_')) params.set(name.slice('param_'.length), value)
    else if (!NOT_SETTINGS.has(name)) settings.set(name, value)
  }
  const database = searchParams.get('database') || null
  // A server treats GET as a promise to change nothing; a caller's own readonly is stricter or equal.
  const get = new Map([...settings, ['readonly', settings.get('readonly') ?? '2']])
  // One object for all of a kind: what is written for it is remembered with it.
  const preludes = {
    post: { database, settings, params },
    get: { database, settings: get, params },
  }
  return {
    pathname,
    hasQuery: searchParams.has('query'),
    read(req) {
      refuseUnknown(searchParams)
      const prelude = req.method === 'POST' ? preludes.post : preludes.get
      const asked = life.params(searchParams.get(LIFE_PARAMETER))
      const inHeader = database === null ? header(req, 'x-clickhouse-database') : ''
      return {
        urlQuery: searchParams.get('query') ?? '',
        prelude:
          asked.size === 0 && inHeader === ''
            ? prelude
            : {
                ...prelude,
                database: database ?? (inHeader || null),
                params: new Map([...params, ...asked]),
              },
        queryId: searchParams.get('query_id') || header(req, 'x-clickhouse-query-id') || null,
        defaultFormat: formatName(
          searchParams.get('default_format') ||
            header(req, 'x-clickhouse-format') ||
            'TabSeparated',
        ),
        encoding:
          searchParams.get('enable_http_compression') === '1' ? acceptedEncoding(req) : null,
      }
    },
  }
}

function refuseUnknown(searchParams: URLSearchParams): void {
  for (const name of REFUSED) {
    const value = searchParams.get(name) ?? ''
    if (value === '' || value === '0') continue
    throw engineError(
      'NOT_IMPLEMENTED',
      `The embedded engine does not know the URL parameter ${name}.`,
    )
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
