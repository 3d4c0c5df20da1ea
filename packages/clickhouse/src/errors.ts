// The one translation from what the driver and the engine say to a Fault, by numeric code, never by message text.
// Promises that no hint of the engine about tables of other workspaces, and no SQL of ours, reaches the public text.
import { Fault, fault, type FaultCode } from '@sandpiper/faults'

import type { ClickHouseError } from './clickhouse-error.ts'

const CODES: ReadonlyMap<number, FaultCode> = new Map<number, FaultCode>([
  [159, 'query.timeout'], // TIMEOUT_EXCEEDED
  [160, 'query.timeout'], // TOO_SLOW
  [202, 'server.busy'], // TOO_MANY_SIMULTANEOUS_QUERIES
  [203, 'server.busy'], // NO_FREE_CONNECTION
  [209, 'engine.unavailable'], // SOCKET_TIMEOUT
  [210, 'engine.unavailable'], // NETWORK_ERROR
  [236, 'engine.unavailable'], // ABORTED: the server is going down
  [243, 'storage.full'], // NOT_ENOUGH_SPACE
])

/** Engine codes that end a query at one of our limits: memory 241, result 396, rows or bytes read 158 and 307. All are `query.failed`. */
export const LIMIT_CODES: ReadonlySet<number> = new Set([158, 241, 307, 396])

const NO_DRIVER_SUCCESS = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ENOENT',
  'EACCES',
  'ECONNRESET',
  'EPIPE',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
])

/**
 * Translates an engine error. The public text is `[Error] <message> (<NAME>)` in engine names (packages/pipes gives the
 * user's own names back); the header `X-DB-Exception-Code` carries the code; the internal text is the whole message.
 * Codes without a line of their own are `query.failed` (400).
 */
export function faultOfEngine(err: ClickHouseError): Fault {
  const code = CODES.get(err.code) ?? 'query.failed'
  const name = err.name === '' ? '' : ` (${err.name})`
  return fault(code, {
    public: `[Error] ${publicMessage(err.message)}${name}`,
    internal: `Code ${err.code}: ${err.message}`,
    headers: {
      ...(err.code === 0 ? {} : { 'X-DB-Exception-Code': String(err.code) }),
      ...(code === 'server.busy' || code === 'engine.unavailable' ? { 'Retry-After': '1' } : {}),
    },
  })
}

/** Translates a failure of the connection: `engine.unavailable` (503), never the driver's own text. Errors that are no connection failure are given back as they are. */
export function faultOfDriver(err: unknown): unknown {
  const code = err instanceof Error && 'code' in err ? err.code : undefined
  if (typeof code !== 'string' || !NO_DRIVER_SUCCESS.has(code)) return err
  return fault('engine.unavailable', {
    public: 'The query engine is not available right now. Try again in a second.',
    internal: code,
    cause: err,
    headers: { 'Retry-After': '1' },
  })
}

const NO_ANSWER = 'no answer came within the time'

/**
 * Whether the time was over without a word of the server: the answer may be lost or late, and tells nothing about the statement. One that
 * ended a query at its limit says so.
 */
export function isAnswerLost(err: unknown): boolean {
  return err instanceof Fault && err.details.internal === NO_ANSWER
}

/** The answer belongs to another query. `engine.unavailable` (503): nothing is known about this one. */
export function faultOfForeignAnswer(): Fault {
  return fault('engine.unavailable', {
    public: 'The query engine gave no usable answer. Try again in a second.',
    internal: 'an answer to another query',
    headers: { 'Retry-After': '1' },
  })
}

/** The query outlived its time. `query.timeout` (408). @param seconds the limit that was passed. */
export function faultOfTimeout(seconds: number): Fault {
  return fault('query.timeout', {
    internal: NO_ANSWER,
    public: `[Error] Timeout exceeded: the query ran longer than ${seconds} seconds (TIMEOUT_EXCEEDED)`,
    headers: { 'X-DB-Exception-Code': '159' },
  })
}

/** The caller left or cancelled; nobody reads the answer. `query.failed`, engine code 394. */
export function faultOfCancel(): Fault {
  return fault('query.failed', {
    public: '[Error] Query was cancelled (QUERY_WAS_CANCELLED)',
    headers: { 'X-DB-Exception-Code': '394' },
  })
}

/** The answer passed a bound kept on our side. `query.failed`, engine code 396. @param bytes the bound. */
export function faultOfResultSize(bytes: number): Fault {
  return fault('query.failed', {
    public: `[Error] Limit for result exceeded, max bytes: ${bytes} (TOO_MANY_ROWS_OR_BYTES)`,
    headers: { 'X-DB-Exception-Code': '396' },
  })
}

// The engine offers names of other databases ("Maybe you meant ws.secret") and prints the whole compiled query
// ("in scope SELECT ..."), row filters included: both would tell a caller what he may not know.
function publicMessage(message: string): string {
  const cut =
    /Maybe you meant|[Ii]n scope |While (?:processing|executing)|: while (?:processing|executing)|Stack trace/.exec(
      message,
    )
  // What stands before is cut off without a pattern: blanks of a caller would be gone through for each of them.
  const kept = cut === null ? message.trim() : message.slice(0, cut.index).trim()
  const told = cut !== null && /[.:,;]$/.test(kept.slice(-1)) ? kept.slice(0, -1) : kept
  return told === '' ? 'Query failed' : told.slice(0, 2_000)
}
