// A query as ClickHouse's HTTP protocol wants it: everything but the SQL in the URL, the SQL in the body. Pure.
import type { QueryRequest } from './client-contract.ts'
import { EMPTY_DATABASE } from './empty-database.ts'

/** Milliseconds a query may run when the request does not say. */
export const QUERY_TIMEOUT_MS = 30_000

/**
 * Builds path and query string of one request.
 * Always sets max_execution_time (whole seconds, rounded up from `timeoutMs`, default 30) unless the settings do.
 * Always names a database: the empty one, in which a bare name is no table, unless the request says another.
 * Parameter values travel in the engine's escaped form: backslash, tab and line break would otherwise be read as escapes.
 * @param to.inUrl the SQL stands in the URL too, since rows are the body. @param to.isServer ClickHouse itself: it is told to end a
 * query whose caller left, and to say how a statement went only when it knows.
 * Source: ClickHouse HTTP interface, queries with parameters, read 2026-11.
 */
export function requestTarget(
  request: QueryRequest,
  to: { readonly inUrl: boolean; readonly isServer: boolean } = EMBEDDED,
): string {
  const { params = {}, settings = {} } = request
  let target = `/?${encodedSettings(settings)}`
  if (!Object.hasOwn(settings, 'max_execution_time'))
    target += `max_execution_time=${Math.ceil((request.timeoutMs ?? QUERY_TIMEOUT_MS) / 1000)}&`
  for (const name in params)
    target += `param_${encoded(name)}=${encoded(escapeParam(params[name] ?? ''))}&`
  // DDL holds expressions of projects too: there a name that is no table would be read as the path of a file.
  const database = request.database ?? EMPTY_DATABASE
  target += `default_format=${encoded(request.format ?? 'JSON')}&database=${encoded(database)}`
  if (to.isServer) target += '&cancel_http_readonly_queries_on_client_close=1'
  if (to.inUrl) target += `&wait_end_of_query=1&query=${encoded(request.sql)}`
  // Last: what stands before it is the same for many queries, and the engine keeps what it read in it.
  return request.queryId === undefined ? target : `${target}&query_id=${encoded(request.queryId)}`
}

const EMBEDDED = { inUrl: false, isServer: false }

/** Of settings that nobody can change any more: those of queries are the same for most. */
const remembered = new WeakMap<object, string>()

function encodedSettings(settings: Readonly<Record<string, string | number>>): string {
  const known = remembered.get(settings)
  if (known !== undefined) return known
  let text = ''
  for (const name in settings) text += `${encoded(name)}=${encoded(String(settings[name]))}&`
  if (Object.isFrozen(settings)) remembered.set(settings, text)
  return text
}

const PLAIN = /^[\w.-]*$/

function encoded(text: string): string {
  return PLAIN.test(text) ? text : new URLSearchParams([['', text]]).toString().slice(1)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\0': '\\0',
}

function escapeParam(value: string): string {
  return value.replace(/[\\\t\n\r\0]/g, (char) => ESCAPES[char] ?? char)
}
