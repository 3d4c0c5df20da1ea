// What ClickHouse says when it fails, read from its HTTP answer. Pure; errors.ts decides what it means to a caller.

/** One failure as the engine told it. */
export interface ClickHouseError {
  /** Numeric code of the engine; 0 when it gave none. */
  readonly code: number
  /** Upper-case name, e.g. `UNKNOWN_TABLE`; empty when it gave none. */
  readonly name: string
  /** One line or more, without the `Code: N. DB::Exception:` head, the name and the version. */
  readonly message: string
}

const HEAD = /^(?:Query failed: )?Code: (\d+)\. DB::Exception: /
const VERSION = /\(version [^()]*(?:\([^()]*\)[^()]*)?\)$/
const NAME = /\(([A-Z][A-Z0-9_]*)\)$/
/** Callers write most of a message: only its last characters are searched, so that it takes no longer than it is long. */
const END_CHARACTERS = 300

/**
 * Reads an exception text of ClickHouse; any other text becomes the message of code 0.
 * @param headerCode value of `X-ClickHouse-Exception-Code`, which wins over the text.
 * Source: ClickHouse HTTP interface documentation, read 2026-11; shapes seen from chDB 3.4.
 */
export function readClickHouseError(text: string, headerCode?: string): ClickHouseError {
  let message = text.trim()
  let code = headerCode !== undefined && /^\d+$/.test(headerCode) ? Number(headerCode) : 0
  // A nested exception repeats head and name: peel until none is left.
  for (let head = HEAD.exec(message); head !== null; head = HEAD.exec(message)) {
    if (code === 0) code = Number(head[1])
    message = message.slice(head[0].length)
  }
  let name = ''
  for (;;) {
    message = (cutAt(message, VERSION)?.before ?? message).trimEnd()
    const found = cutAt(message, NAME)
    if (found === null) break
    if (name === '') name = found.what
    const before = found.before.trimEnd()
    message = before.endsWith('.') ? before.slice(0, -1) : before
  }
  return { code, name, message: message.trim() }
}

/** What stands before the end that matches, and what was matched in it. */
function cutAt(
  text: string,
  pattern: RegExp,
): { readonly before: string; readonly what: string } | null {
  const end = text.slice(-END_CHARACTERS)
  const found = pattern.exec(end)
  if (found === null) return null
  return { before: text.slice(0, text.length - end.length + found.index), what: found[1] ?? '' }
}
