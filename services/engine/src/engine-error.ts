// Failures as a ClickHouse server tells them: numeric code, upper-case name, HTTP status.

/** A failure that becomes a ClickHouse exception on the wire. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: number
  readonly status: number
  /** What stands on the wire, without the line end. */
  readonly text: string

  constructor(code: number, text: string, status: number = statusOf(code)) {
    super(text)
    this.code = code
    this.status = status
    this.text = text
  }
}

/** Codes that this service raises itself. */
const OWN = {
  UNSUPPORTED_METHOD: 1,
  BAD_ARGUMENTS: 36,
  NOT_IMPLEMENTED: 48,
  SYNTAX_ERROR: 62,
  UNKNOWN_SETTING: 115,
  ABORTED: 236,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  QUERY_IS_TOO_LARGE: 229,
  INTO_OUTFILE_NOT_ALLOWED: 358,
  QUERY_WAS_CANCELLED: 394,
  TOO_MANY_ROWS_OR_BYTES: 396,
  ACCESS_DENIED: 497,
} as const

/** Makes a failure of our own. @param status overrides what the code gives, e.g. 503 for an engine that is busy. */
export function engineError(name: keyof typeof OWN, message: string, status?: number): EngineError {
  const code = OWN[name]
  return new EngineError(code, `Code: ${code}. DB::Exception: ${message} (${name})`, status)
}

/** Reads what libchdb threw. Nested exceptions of the same code, which a server does not show, are unfolded. */
export function fromNative(cause: unknown, version: string): EngineError {
  if (cause instanceof EngineError) return cause
  const raw = cause instanceof Error ? cause.message : String(cause)
  const code = /Code: (\d+)\. DB::Exception: /.exec(raw)?.[1]
  if (code === undefined)
    return new EngineError(1002, `Code: 1002. DB::Exception: ${raw.trim()} (UNKNOWN_EXCEPTION)`)
  const head = `Code: ${code}. DB::Exception: `
  let message = raw.slice(raw.indexOf(head)).trim()
  while (message.startsWith(head)) message = message.slice(head.length)
  message = withoutEnd(message, VERSION)
  const name = NAME.exec(message.slice(-END_CHARACTERS))?.[1] ?? 'UNKNOWN_EXCEPTION'
  for (let before = ''; before !== message;) {
    before = message
    message = withoutEnd(withoutEnd(message, NAME), VERSION)
  }
  const told = message.slice(0, MESSAGE_CHARACTERS_MAX)
  return new EngineError(Number(code), `${head}${told}. (${name}) (version ${version})`)
}

/** Callers write most of a message, and may write megabytes: what follows looks at the last characters alone, and at each of them once. */
const END_CHARACTERS = 200
const MESSAGE_CHARACTERS_MAX = 16_384
const NAME = /\(([A-Z][A-Z0-9_]+)\)$/
const VERSION = /\(version [0-9.]+\)[. ]*$/

/** A text without what it ends with, and without the blanks and dots before that. */
function withoutEnd(text: string, pattern: RegExp): string {
  const end = text.slice(-END_CHARACTERS)
  const found = pattern.exec(end)
  if (found === null) return text
  let length = text.length - end.length + found.index
  while (length > 0 && '. \n\t'.includes(text[length - 1] ?? '-')) length -= 1
  return text.slice(0, length)
}

const BAD_REQUEST = new Set([
  6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427, 441,
  456, 457, 675, 676,
])
const NOT_FOUND = new Set([46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511])
const FORBIDDEN = new Set([192, 193, 497, 512, 516])
const UNAVAILABLE = new Set([76, 209, 439])

/** HTTP status of a code. Source: ClickHouse HTTP interface, exceptionCodeToHTTPStatus, as of 26.7. */
function statusOf(code: number): number {
  if (BAD_REQUEST.has(code)) return 400
  if (NOT_FOUND.has(code)) return 404
  if (FORBIDDEN.has(code)) return 403
  if (UNAVAILABLE.has(code)) return 503
  if (code === 159) return 408
  if (code === 194) return 401
  if (code === 229) return 413
  if (code === 48) return 501
  return 500
}
