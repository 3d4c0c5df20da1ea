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
const VERSION = /\s*\(version [^()]*(?:\([^()]*\)[^()]*)?\)\s*$/
const NAME = /\.?\s*\(([A-Z][A-Z0-9_]*)\)\s*$/

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
    message = message.replace(VERSION, '')
    const found = NAME.exec(message)
    if (found === null) break
    if (name === '') name = found[1] ?? ''
    message = message.slice(0, found.index)
  }
  return { code, name, message: message.trim() }
}
