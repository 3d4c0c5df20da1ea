// Tokens of a Python expression, as far as the template language has them.
import { syntaxError } from './template-error.ts'
import { INT_DIGITS_MAX } from './py-text.ts'

export type ExpressionToken =
  | { readonly kind: 'name' | 'operator' | 'end'; readonly text: string; readonly at: number }
  | { readonly kind: 'string'; readonly text: string; readonly value: string; readonly at: number }
  | {
      readonly kind: 'number'
      readonly text: string
      readonly value: bigint | number
      readonly at: number
    }

const SPACE = /(?:[ \t\n\r\f]|\\\r?\n)+/y
const NUMBER =
  /0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*(?:[eE][+-]?[0-9]+)?|[0-9](?:_?[0-9])*(?:\.(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)?/y
const STRING = /([rRuU]?)("""|'''|"|')/y
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy
const OPERATOR = /\*\*=?|\/\/=?|<<=?|>>=?|==|!=|<=|>=|->|:=|[-+*/%|&^]=|[-+*/%|&^~<>=()[\]{}.,:@]/y

/**
 * Cuts an expression into tokens, ending with one of kind `end`. Linear.
 * @param line the template line the expression starts at, for error texts.
 * @throws fault `template.error`.
 */
export function lexExpression(source: string, line: number): ExpressionToken[] {
  const tokens: ExpressionToken[] = []
  let at = 0
  while (at < source.length) {
    const space = match(SPACE, source, at)
    if (space !== null) {
      at += space.length
      continue
    }
    const token = lexToken(source, at, line)
    tokens.push(token)
    at += token.text.length
  }
  tokens.push({ kind: 'end', text: '', at })
  return tokens
}

function lexToken(source: string, at: number, line: number): ExpressionToken {
  const quoted = stringToken(source, at, line)
  if (quoted !== null) return quoted
  const name = match(NAME, source, at)
  if (name !== null) return { kind: 'name', text: name, at }
  const digits = match(NUMBER, source, at)
  if (digits !== null) return { kind: 'number', text: digits, value: numberValue(digits, line), at }
  const operator = match(OPERATOR, source, at)
  if (operator !== null) return { kind: 'operator', text: operator, at }
  throw syntaxError(`invalid character ${JSON.stringify(source[at])} in expression`, line)
}

function match(pattern: RegExp, source: string, at: number): string | null {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0] ?? null
}

function numberValue(text: string, line: number): bigint | number {
  const digits = text.replaceAll('_', '')
  if (/[.eE]/.test(digits) && !/^0[xX]/.test(digits)) return Number(digits)
  if (digits.length > INT_DIGITS_MAX) throw syntaxError('number is too long', line)
  return BigInt(digits)
}

function stringToken(source: string, at: number, line: number): ExpressionToken | null {
  STRING.lastIndex = at
  const opening = STRING.exec(source)
  if (opening === null) return null
  const [start, prefix = '', quote = ''] = opening
  const isRaw = prefix === 'r' || prefix === 'R'
  let end = at + start.length
  while (!source.startsWith(quote, end)) {
    if (end >= source.length || (quote.length === 1 && source[end] === '\n'))
      throw syntaxError('unterminated string literal', line)
    end += source[end] === '\\' ? 2 : 1
  }
  const inner = source.slice(at + start.length, end)
  return {
    kind: 'string',
    text: source.slice(at, end + quote.length),
    value: isRaw ? inner : unescape(inner),
    at,
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', ''],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
])

function unescape(inner: string): string {
  return inner.replace(
    /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U000[0-9a-fA-F]{5}|U0010[0-9a-fA-F]{4}|[0-7]{1,3}|[^])/gu,
    (whole, code: string) => {
      if (code.length > 1 && /^[xuU]/.test(code))
        return String.fromCodePoint(Number.parseInt(code.slice(1), 16))
      if (/^[0-7]+$/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8))
      return ESCAPES.get(code) ?? whole
    },
  )
}
