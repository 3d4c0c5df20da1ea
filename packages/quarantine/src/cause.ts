// What makes two refusals the same: the column, and the message without the values in it. Told once for the engine, which groups the
// stored messages, and once for rows judged here; a test holds the two together.

const CAUSE_CHARS_MAX = 200

/** The message of a refusal without what differs from row to row. At most 200 characters. */
export function causeOf(message: string): string {
  const valued = /^value '[^]*' on column '/.exec(message)
  if (valued !== null) return cut(`value '…' on column '${message.slice(valued[0].length)}`)
  if (message.startsWith('value is missing on column ')) return cut(message)
  return cut(message.replaceAll(/'[^']*'|"[^"]*"/g, '…').replaceAll(/[0-9]+/g, 'N'))
}

function cut(text: string): string {
  return Array.from(text).slice(0, CAUSE_CHARS_MAX).join('')
}

/** causeOf() in SQL. @param message an expression of type String. */
export function causeSql(message: string): string {
  const valued = `'(?s)^value \\'.*\\' on column \\''`
  const bare = `replaceRegexpAll(replaceRegexpAll(${message}, '\\'[^\\']*\\'|"[^"]*"', '…'), '[0-9]+', 'N')`
  return `substringUTF8(multiIf(
    match(${message}, ${valued}), replaceRegexpOne(${message}, ${valued}, 'value \\'…\\' on column \\''),
    startsWith(${message}, 'value is missing on column '), ${message},
    ${bare}), 1, ${CAUSE_CHARS_MAX})`
}

/** The id of a cause in SQL: 16 hexadecimal digits. */
export function causeIdSql(column: string, cause: string): string {
  return `lower(hex(sipHash64(${column}, ${cause})))`
}

/** The errors of a quarantined row in SQL: an array of (column, message), never empty. */
export const ERRORS_SQL =
  "if(empty(c__error), [('', 'no reason was kept')], arrayMap((column, message) -> (column, message), arrayResize(c__error_column, length(c__error), ''), c__error))"
