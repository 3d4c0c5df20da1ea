// Which values of a template could be exchanged for others of their kind without a second look at the SQL around them.

/**
 * The one literal in the SQL of a value: `'text'`, `5`, or that in `toInt32('5')`; null for any other SQL, and for texts with characters
 * over which two readers could ever disagree (quotes, backslashes, dollars, control characters).
 */
export function plainLiteral(
  sql: string,
): { readonly start: number; readonly end: number; readonly mark: string } | null {
  if (sql.length > LENGTH_MAX) return null
  if (INTEGER.test(sql)) return { start: 0, end: sql.length, mark: '\u0001i' }
  const open = sql.indexOf("'")
  const end = sql.lastIndexOf("'") + 1
  if (open < 0 || open === end - 1) return null
  if (sql.length - end !== (open === 0 ? 0 : 1)) return null
  if (open > 0 && (!CALL.test(sql.slice(0, open)) || sql[end] !== ')')) return null
  return PLAIN.test(sql.slice(open + 1, end - 1)) ? { start: open, end, mark: '\u0001s' } : null
}

const LENGTH_MAX = 10_000
const INTEGER = /^\d{1,20}$/
const CALL = /^to[A-Za-z]{1,10}\d{0,3}\($/
const PLAIN = /^[^'"`\\$‘’“”\p{Cc}]*$/u
