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
 * Source: ClickHouse HTTP interface, queries with parameters, read 2026-11.
 */
export function requestTarget(request: QueryRequest): string {
  const url = new URLSearchParams()
  for (const [name, value] of Object.entries(request.settings ?? {})) url.set(name, String(value))
  if (!url.has('max_execution_time')) {
    url.set('max_execution_time', String(Math.ceil((request.timeoutMs ?? QUERY_TIMEOUT_MS) / 1000)))
  }
  for (const [name, value] of Object.entries(request.params ?? {}))
    url.set(`param_${name}`, escapeParam(value))
  url.set('default_format', request.format ?? 'JSON')
  // DDL holds expressions of projects too: there a name that is no table would be read as the path of a file.
  url.set('database', request.database ?? EMPTY_DATABASE)
  if (request.queryId !== undefined) url.set('query_id', request.queryId)
  return `/?${url.toString()}`
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
