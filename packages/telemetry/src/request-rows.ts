// A request to an endpoint or to /v0/sql as rows of `tinybird.pipe_stats_rt` and `tinybird.endpoint_errors`. Callers write most of what
// stands in them, so every text is bounded, and nothing that looks like a token stays in any.
// Source of names: Tinybird service data sources, read 2026-11.
import type { RequestOp } from './ops-log.ts'
import { seconds, shortened } from './row-values.ts'

const URL_CHARACTERS_MAX = 4_000
const ERROR_CHARACTERS_MAX = 2_000
const USER_AGENT_CHARACTERS_MAX = 300
const PARAMETERS_MAX = 50
const VALUE_CHARACTERS_MAX = 500
const PARAMETERS_CHARACTERS_MAX = 8_000

/** The row of `tinybird.pipe_stats_rt`. */
export function requestRow(op: RequestOp): object {
  return {
    start_datetime: seconds(op.startedAtMs),
    pipe_id: op.pipeId,
    pipe_name: op.pipeName,
    duration: op.durationSeconds,
    read_bytes: op.readBytes,
    read_rows: op.readRows,
    result_rows: op.resultRows,
    url: cleanUrl(op.url),
    error: op.error === null ? 0 : 1,
    request_id: op.requestId,
    token: op.tokenId,
    token_name: op.tokenName,
    status_code: op.statusCode,
    method: op.method,
    parameters: cleanParameters(op.parameters),
    release: '',
    user_agent:
      op.userAgent === null
        ? null
        : shortened(withoutTokens(op.userAgent), USER_AGENT_CHARACTERS_MAX),
    resource_tags: [],
    // The embedded engine tells neither.
    cpu_time: 0,
    memory_usage: 0,
  }
}

/** The row of `tinybird.endpoint_errors`. */
export function errorRow(op: RequestOp, error: string): object {
  return {
    start_datetime: seconds(op.startedAtMs),
    request_id: op.requestId,
    pipe_id: op.pipeId,
    pipe_name: op.pipeName,
    params: JSON.stringify(cleanParameters(op.parameters)),
    url: cleanUrl(op.url),
    status_code: op.statusCode,
    error: shortened(withoutTokens(error), ERROR_CHARACTERS_MAX),
    resource_tags: [],
  }
}

/** The address without its token, however the name of that parameter is written. */
export function cleanUrl(url: string): string {
  const [path = '', ...rest] = url.split('?')
  const fields = rest.join('?').split('&')
  const kept = fields.filter((field) => field !== '' && !isToken(field.split('=')[0] ?? ''))
  const whole = kept.length === 0 ? path : `${path}?${kept.join('&')}`
  // Cut first, by more than a token is long: what is cut away needs no cleaning.
  return shortened(withoutTokens(shortened(whole, 4 * URL_CHARACTERS_MAX)), URL_CHARACTERS_MAX)
}

/** Names and values as text. Of too many, or too long ones, the first stay. */
function cleanParameters(parameters: RequestOp['parameters']): Record<string, string> {
  const clean: Record<string, string> = Object.create(null) as Record<string, string>
  let characters = 0
  for (const [name, value] of Object.entries(parameters).slice(0, PARAMETERS_MAX)) {
    if (isToken(name)) continue
    const key = shortened(withoutTokens(name), VALUE_CHARACTERS_MAX)
    const text = shortened(withoutTokens(textOf(value)), VALUE_CHARACTERS_MAX)
    characters += key.length + text.length
    if (characters > PARAMETERS_CHARACTERS_MAX) break
    clean[key] = text
  }
  return clean
}

/** Levels of lists that are told; a caller may send more than the stack has room for. */
const DEPTH_MAX = 4
const TOO_DEEP = '...'

function textOf(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value.slice(0, 4 * VALUE_CHARACTERS_MAX)
  if (depth >= DEPTH_MAX) return TOO_DEEP
  if (Array.isArray(value)) {
    const first = value.slice(0, VALUE_CHARACTERS_MAX)
    return first.map((each) => textOf(each, depth + 1)).join(',')
  }
  return jsonOf(value).slice(0, 4 * VALUE_CHARACTERS_MAX)
}

function jsonOf(value: unknown): string {
  try {
    return value === undefined ? '' : JSON.stringify(value)
  } catch (err) {
    // Nested deeper than the stack.
    if (err instanceof RangeError) return TOO_DEEP
    throw err
  }
}

function isToken(name: string): boolean {
  return decoded(name).trim().toLowerCase() === 'token'
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** Static tokens begin with `p.eyJ`, JWTs with `eyJ`; dots may be percent-encoded. A piece without the end is taken whole, so that it is read once. */
const TOKEN = /(?:p(?:\.|%2e))?eyJ[\w-]{4,}(={0,2}(?:\.|%2e)[\w-]{4,}(?:(?:\.|%2e)[\w-]{4,})?)?/gi

/** A text in which each token is replaced by a word. */
function withoutTokens(text: string): string {
  return text.replace(TOKEN, (whole, end?: string) => (end === undefined ? whole : '[token]'))
}
