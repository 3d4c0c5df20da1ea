// A lossless tokenizer for ClickHouse SQL, following the engine's own lexer where both must agree on what is a string and
// what is a comment. It never throws and never judges safety: a text it cannot read holds an `error` token, and callers refuse it.
import type { Token, TokenKind } from './token.ts'

const WHITESPACE =
  /[ \t\n\r\f\v\u0085\u00a0\u1680\u180e\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]+/y
const WORD = /[A-Za-z0-9_$]+/y
const WORD_CHARACTERS = /[A-Za-z0-9_]+/y
const DIGITS = /[0-9_]*/y
const HEX_DIGITS = /[0-9A-Fa-f_]*/y
const OPERATOR = /<=>|->|\|\||::|==|!=|<=|>=|<>|@@|\\G|[-+*/%=<>?:|^@\u2212]/y
const PARAMETER =
  /\{[ \t\n\r]*[A-Za-z_][A-Za-z0-9_]*[ \t\n\r]*:(?:[A-Za-z0-9_ \t\n\r(),=-]|'[^'\\\0]*')+\}/y
const LINE_END = /\n/g
const COMMENT_EDGE = /\/\*|\*\//g
const HEREDOC_TAG = /\$[A-Za-z0-9_]*\$/y

const BACKSLASH = 0x5c

/** Kinds after which `.5` is a tuple access and not a number. */
const OPERANDS: ReadonlySet<TokenKind> = new Set(['word', 'identifier', 'number', 'close'])

/**
 * Cuts SQL into tokens; joining their texts gives the input back. Linear in the length of the text; never throws.
 * A NUL character makes an `error` token wherever it stands, because an engine called through C strings would stop there.
 * @param tokensMax stops behind one token more than these; default: none.
 * Source: ClickHouse's lexer behaviour, tried on 26.7 (nested comments, `# ` comments, heredocs, unicode quotes, x'' strings).
 */
export function tokenize(sql: string, tokensMax = Infinity): Token[] {
  const tokens: Token[] = []
  const heredocs = heredocIndex(sql)
  let position = 0
  let before: TokenKind | null = null
  while (position < sql.length && tokens.length <= tokensMax) {
    const [kind, end] = readToken(sql, position, before, heredocs)
    tokens.push({ kind, text: sql.slice(position, end), start: position, end })
    if (kind !== 'whitespace' && kind !== 'comment') before = kind
    position = end
  }
  return tokens
}

type Piece = readonly [TokenKind, number]
type HeredocEnd = (start: number) => number

function readToken(sql: string, at: number, before: TokenKind | null, heredocs: HeredocEnd): Piece {
  const character = sql[at] ?? ''
  switch (character) {
    case "'":
      return quoted(sql, at, 'string')
    case '"':
    case '`':
      return quoted(sql, at, 'identifier')
    case '‘':
      return unicodeQuoted(sql, at, '’', 'string')
    case '“':
      return unicodeQuoted(sql, at, '”', 'identifier')
    case '(':
    case '[':
      return ['open', at + 1]
    case ')':
    case ']':
    case '}':
      return ['close', at + 1]
    case '{':
      return matched(PARAMETER, sql, at, 'parameter') ?? ['open', at + 1]
    case ',':
      return ['comma', at + 1]
    case ';':
      return ['semicolon', at + 1]
    case '.':
      return dotOrNumber(sql, at, before)
    case '-':
      return sql[at + 1] === '-' ? lineComment(sql, at) : operator(sql, at)
    case '#':
      return sql[at + 1] === ' ' || sql[at + 1] === '!' ? lineComment(sql, at) : ['error', at + 1]
    case '/':
      return sql[at + 1] === '*' ? blockComment(sql, at) : operator(sql, at)
    case '$':
      return dollar(sql, at, heredocs)
    default:
      return wordOrOther(sql, at, character, before)
  }
}

function wordOrOther(sql: string, at: number, character: string, before: TokenKind | null): Piece {
  if (character >= '0' && character <= '9') return number(sql, at, before)
  if (sql[at + 1] === "'" && 'xXbB'.includes(character)) return plainQuoted(sql, at)
  return (
    matched(WHITESPACE, sql, at, 'whitespace') ??
    matched(WORD, sql, at, 'word') ??
    operator(sql, at)
  )
}

function matched(pattern: RegExp, sql: string, at: number, kind: TokenKind): Piece | null {
  pattern.lastIndex = at
  return pattern.test(sql) && pattern.lastIndex > at ? [kind, pattern.lastIndex] : null
}

function operator(sql: string, at: number): Piece {
  return matched(OPERATOR, sql, at, 'operator') ?? ['error', at + 1]
}

/** '…', "…" and `…`: a doubled quote and a backslash escape both continue the token. */
function quoted(sql: string, at: number, kind: TokenKind): Piece {
  const quote = sql.charCodeAt(at)
  for (let position = at + 1; position < sql.length; position++) {
    const code = sql.charCodeAt(position)
    if (code === BACKSLASH) position++
    else if (code === quote) {
      if (sql.charCodeAt(position + 1) !== quote) return closedAt(sql, at, position, kind)
      position++
    }
  }
  return ['error', sql.length]
}

/** x'…' and b'…' end at the next quote: a backslash is no escape there. */
function plainQuoted(sql: string, at: number): Piece {
  return closedAt(sql, at, sql.indexOf("'", at + 2), 'string')
}

function unicodeQuoted(sql: string, at: number, close: string, kind: TokenKind): Piece {
  return closedAt(sql, at, sql.indexOf(close, at + 1), kind)
}

function closedAt(sql: string, at: number, close: number, kind: TokenKind): Piece {
  if (close < 0) return ['error', sql.length]
  return [sql.slice(at, close).includes('\0') ? 'error' : kind, close + 1]
}

function lineComment(sql: string, at: number): Piece {
  LINE_END.lastIndex = at
  const end = LINE_END.test(sql) ? LINE_END.lastIndex - 1 : sql.length
  return [sql.slice(at, end).includes('\0') ? 'error' : 'comment', end]
}

function blockComment(sql: string, at: number): Piece {
  COMMENT_EDGE.lastIndex = at + 2
  for (let depth = 1; depth > 0;) {
    const edge = COMMENT_EDGE.exec(sql)
    if (edge === null) return ['error', sql.length]
    depth += edge[0] === '/*' ? 1 : -1
  }
  const end = COMMENT_EDGE.lastIndex
  return [sql.slice(at, end).includes('\0') ? 'error' : 'comment', end]
}

function dotOrNumber(sql: string, at: number, before: TokenKind | null): Piece {
  const next = sql[at + 1] ?? ''
  if (next < '0' || next > '9' || (before !== null && OPERANDS.has(before))) return ['dot', at + 1]
  return ['number', exponent(sql, skip(DIGITS, sql, at + 1), 'eE')]
}

/** Skips a number the way the engine does, so that `1e--x` ends where the engine ends it. */
function number(sql: string, at: number, before: TokenKind | null): Piece {
  let end: number
  if (before === 'dot') end = skip(DIGITS, sql, at)
  else {
    const base = /0(?:[xX][0-9A-Fa-f]|[bB][01])/y
    base.lastIndex = at
    const prefix = base.exec(sql)?.[0] ?? ''
    const isHex = prefix[1] === 'x' || prefix[1] === 'X'
    const digits = isHex ? HEX_DIGITS : DIGITS
    end = skip(digits, sql, prefix === '' ? at : at + 2)
    if (sql[end] === '.') end = skip(digits, sql, end + 1)
    end = exponent(sql, end, isHex ? 'pP' : 'eE')
  }
  const tail = skip(WORD_CHARACTERS, sql, end)
  if (tail === end) return ['number', end]
  return [/^[A-Za-z0-9_$]+$/.test(sql.slice(at, tail)) ? 'word' : 'error', tail]
}

function exponent(sql: string, at: number, letters: string): number {
  const letter = sql[at]
  if (letter === undefined || !letters.includes(letter) || at + 1 >= sql.length) return at
  const sign = sql[at + 1]
  return skip(DIGITS, sql, (sign === '-' || sign === '+') && at + 2 < sql.length ? at + 2 : at + 1)
}

function skip(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(sql) ? pattern.lastIndex : at
}

function dollar(sql: string, at: number, heredocs: HeredocEnd): Piece {
  const end = heredocs(at)
  if (end > 0) return [sql.slice(at, end).includes('\0') ? 'error' : 'heredoc', end]
  const next = sql[at + 1] ?? ''
  if (!/^[A-Za-z0-9_]$/.test(next)) return ['operator', at + 1]
  return matched(WORD, sql, at, 'word') ?? ['error', at + 1]
}

/**
 * Finds where a heredoc that starts at a position ends, or 0. All `$tag$` places are listed once and each list is walked
 * forward only: searching the text anew for each tag would be quadratic.
 */
function heredocIndex(sql: string): HeredocEnd {
  let places: Map<string, { at: number[]; next: number }> | null = null
  const tagAt = (start: number): string | null => {
    HEREDOC_TAG.lastIndex = start
    return HEREDOC_TAG.exec(sql)?.[0] ?? null
  }
  const list = (): NonNullable<typeof places> => {
    const found = new Map<string, { at: number[]; next: number }>()
    for (let at = sql.indexOf('$'); at >= 0; at = sql.indexOf('$', at + 1)) {
      const tag = tagAt(at)
      if (tag === null) continue
      const entry = found.get(tag)
      if (entry === undefined) found.set(tag, { at: [at], next: 0 })
      else entry.at.push(at)
    }
    return found
  }
  return (start) => {
    const tag = tagAt(start)
    if (tag === null) return 0
    places ??= list()
    const entry = places.get(tag)
    if (entry === undefined) return 0
    while ((entry.at[entry.next] ?? Infinity) < start + tag.length) entry.next++
    const close = entry.at[entry.next]
    return close === undefined ? 0 : close + tag.length
  }
}
