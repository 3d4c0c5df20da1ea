// What must hold before any text of a caller reaches the engine: the engine runs every statement of a text, and prints
// names raw into EXPLAIN AST. Also gives good messages for what the tree would refuse without a reason.
import {
  countStatements,
  decodeToken,
  findSqlError,
  readCode,
  splitTrailingFormat,
  statementKind,
  type Code,
} from '@sandpiper/sql'

/** Why a text may not be sent, or the names its CTEs have. */
export type TextVerdict =
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'sendable'; readonly cteNames: ReadonlySet<string> }

/** Longest compiled query, in UTF-16 units; the engine's max_query_size is set to the same number of bytes or more. */
const QUERY_LENGTH_MAX = 1_000_000

/** Words, signs, blanks and comments of one compiled query: it is read on the loop that all requests share. */
const TOKENS_MAX = 400_000

/**
 * Reads a text whole, or gives the reason why it is too long for that. Anything that is found out about a part of a text, be it only
 * its shape, would be said of another text with the same beginning.
 */
export function readWhole(sql: string): Code | string {
  if (sql.length > QUERY_LENGTH_MAX)
    return `The query is longer than ${QUERY_LENGTH_MAX} characters`
  const code = readCode(sql, TOKENS_MAX)
  return code.all.length > TOKENS_MAX
    ? `The query has more than ${TOKENS_MAX} words and signs`
    : code
}

/** Judges the text alone, with our own tokenizer. Pure, linear. */
export function checkText(sql: string | Code): TextVerdict {
  const code = typeof sql === 'string' ? readWhole(sql) : sql
  if (typeof code === 'string') return { kind: 'refused', reason: code }
  const reason = refusal(code)
  return reason === null
    ? { kind: 'sendable', cteNames: cteNames(code) }
    : { kind: 'refused', reason }
}

function refusal(sql: Code): string | null {
  const unreadable = findSqlError(sql)
  if (unreadable !== null) return `Syntax error near line ${unreadable.line}: ${unreadable.near}`
  const statements = countStatements(sql)
  if (statements !== 1) return `Exactly one statement is allowed, found ${statements}`
  // Anything else could change what EXPLAIN AST itself does: `EXPLAIN AST graph = 1 SELECT ...`.
  if (statementKind(sql) !== 'select') return 'Only SELECT is allowed'
  const { format, problem } = splitTrailingFormat(sql)
  if (problem?.kind === 'settings') return 'SETTINGS is not allowed in a query'
  if (problem?.kind === 'outfile') return 'INTO OUTFILE is not allowed'
  if (problem !== null || format !== null) return 'FORMAT is not allowed here'
  return unprintable(sql)
}

/** What EXPLAIN AST would print so that a name looks like a node, an alias or a count of children. */
const FORGING = /[\p{Cc}\p{Zl}\p{Zp}]| \((?:alias|children) /u

function unprintable(code: Code): string | null {
  for (const token of code.tokens) {
    if (token.kind === 'identifier' && FORGING.test(decodeToken(token) ?? '\0')) {
      return 'Names with line breaks, control characters, "(alias " or "(children " are not allowed'
    }
    if (token.kind === 'parameter' && /:\s*Identifier/i.test(token.text)) {
      return 'Parameters of type Identifier are not allowed'
    }
  }
  return null
}

// `name AS (`, `name AS MATERIALIZED (`, `name (a, b) AS (`. Finds too many rather than too few: a name that is none is
// then unknown to the engine, whose default database holds nothing.
function cteNames({ tokens }: Code): Set<string> {
  const names = new Set<string>()
  let listOwner: string | null = null
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'open') listOwner = nameOf(tokens[index - 1])
    if (token.kind !== 'word' || token.text.toUpperCase() !== 'AS') continue
    const before = tokens[index - 1]
    const name = before?.text === ')' ? listOwner : nameOf(before)
    if (name !== null && opensQuery(tokens.slice(index + 1, index + 4))) names.add(name)
  }
  return names
}

function nameOf(token: { kind: string; text: string } | undefined): string | null {
  return token?.kind === 'word' || token?.kind === 'identifier'
    ? decodeToken({ kind: token.kind, text: token.text })
    : null
}

function opensQuery(tokens: readonly { text: string }[]): boolean {
  const first = tokens.findIndex(({ text }) => !/^(?:not|materialized)$/i.test(text))
  return first >= 0 && tokens[first]?.text === '('
}
