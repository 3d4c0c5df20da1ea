// Tokens of a Python expression, as far as the template language has them. Written by hand over character codes: patterns with
// Unicode classes are slow to compile, and a template is parsed by a process that has just started.
import { INT_DIGITS_MAX } from './py-text.ts'
import { syntaxError, type TemplateError } from './template-error.ts'
import { unescapeString } from './unescape-string.ts'

interface At {
  readonly text: string
  /** Line of the template, 1-based. */
  readonly line: number
}

export type ExpressionToken =
  | (At & { readonly kind: 'name' | 'operator' | 'end' })
  | (At & { readonly kind: 'string'; readonly value: string })
  | (At & { readonly kind: 'number'; readonly value: bigint | number })

/**
 * Cuts an expression into tokens, ending with one of kind `end`. Linear.
 * @param line the template line the expression starts at, for error texts.
 * @throws TemplateError.
 */
export function lexExpression(source: string, line: number): ExpressionToken[] {
  return new Lexer(source, line).tokens()
}

const OPERATORS: ReadonlySet<string> = new Set(
  '**= //= <<= >>= ** // << >> == != <= >= -> := += -= *= /= %= |= &= ^= - + * / % | & ^ ~ < > = ( ) [ ] { } . , : @'.split(
    ' ',
  ),
)

/** Operators that begin no longer one. */
const SINGLE: ReadonlySet<string> = new Set('()[]{},.~@')

class Lexer {
  readonly #source: string
  #at = 0
  #line: number

  constructor(source: string, line: number) {
    this.#source = source
    this.#line = line
  }

  tokens(): ExpressionToken[] {
    const tokens: ExpressionToken[] = []
    this.#space()
    while (this.#at < this.#source.length) {
      tokens.push(this.#token())
      this.#space()
    }
    tokens.push({ kind: 'end', text: '', line: this.#line })
    return tokens
  }

  /** White space, and a backslash at the end of a line. */
  #space(): void {
    const source = this.#source
    let at = this.#at
    for (;;) {
      const code = source.charCodeAt(at)
      if (code === LINE_FEED) this.#line++
      else if (code === BACKSLASH && CONTINUED.test(source.slice(at, at + 3))) {
        at++
        continue
      } else if (code !== SPACE && code !== TAB && code !== RETURN && code !== FORM_FEED) break
      at++
    }
    this.#at = at
  }

  #token(): ExpressionToken {
    const code = this.#source.charCodeAt(this.#at)
    if (isAsciiLetter(code) || code > ASCII_MAX) return this.#name(code)
    if (code === QUOTE || code === DOUBLE_QUOTE) return this.#string(0)
    if (isDigit(code) || (code === DOT && isDigit(this.#source.charCodeAt(this.#at + 1))))
      return this.#number()
    for (let size = SINGLE.has(this.#source[this.#at] ?? '') ? 1 : 3; size > 0; size--) {
      const text = this.#source.slice(this.#at, this.#at + size)
      if (text.length !== size || !OPERATORS.has(text)) continue
      this.#at += size
      return { kind: 'operator', text, line: this.#line }
    }
    throw this.#invalid()
  }

  #invalid(): TemplateError {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0)
    return syntaxError(`invalid character ${JSON.stringify(character)} in expression`, this.#line)
  }

  #name(first: number): ExpressionToken {
    const start = this.#at
    WORD.lastIndex = start
    let text = first > ASCII_MAX ? '' : (WORD.exec(this.#source)?.[0] ?? '')
    const after = this.#source.charCodeAt(start + text.length)
    if (after > ASCII_MAX) {
      UNICODE_WORD.lastIndex = start
      text = UNICODE_WORD.exec(this.#source)?.[0] ?? ''
      if (text === '') throw this.#invalid()
    } else if (
      text.length === 1 &&
      (after === QUOTE || after === DOUBLE_QUOTE) &&
      /[rRuU]/.test(text)
    )
      return this.#string(1)
    this.#at = start + text.length
    return { kind: 'name', text, line: this.#line }
  }

  #string(prefix: 0 | 1): ExpressionToken {
    const [start, line] = [this.#at, this.#line]
    const isRaw = prefix === 1 && (this.#source[start] ?? '').toLowerCase() === 'r'
    const first = start + prefix
    const mark = this.#source[first] ?? ''
    const quote = this.#source.startsWith(mark.repeat(3), first) ? mark.repeat(3) : mark
    let at = first + quote.length
    while (!this.#source.startsWith(quote, at)) {
      const character = this.#source[at]
      if (character === undefined || (quote.length === 1 && character === '\n'))
        throw syntaxError('unterminated string literal', line)
      if (character === '\n') this.#line++
      if (character === '\\') {
        at++
        if (this.#source[at] === '\n') this.#line++
      }
      at++
    }
    this.#at = at + quote.length
    const inner = this.#source.slice(first + quote.length, at)
    return {
      kind: 'string',
      text: this.#source.slice(start, this.#at),
      value: isRaw || !inner.includes('\\') ? inner : unescapeString(inner),
      line,
    }
  }

  #number(): ExpressionToken {
    NUMBER.lastIndex = this.#at
    const text = NUMBER.exec(this.#source)?.[0] ?? ''
    this.#at += text.length
    if (isAsciiLetter(this.#source.charCodeAt(this.#at)))
      throw syntaxError('invalid decimal literal', this.#line)
    return { kind: 'number', text, value: numberValue(text, this.#line), line: this.#line }
  }
}

const NUMBER =
  /0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*(?:[eE][+-]?[0-9](?:_?[0-9])*)?|[0-9](?:_?[0-9])*(?:\.(?:[eE][+-]?[0-9](?:_?[0-9])*)?|[eE][+-]?[0-9](?:_?[0-9])*)?/y

function numberValue(text: string, line: number): bigint | number {
  const digits = text.replaceAll('_', '')
  if (/[.eE]/.test(digits) && !/^0[xX]/.test(digits)) return Number(digits)
  if (digits.length > INT_DIGITS_MAX) throw syntaxError('number is too long', line)
  if (/^0+[1-9]/.test(digits))
    throw syntaxError('leading zeros in decimal integer literals are not permitted', line)
  return BigInt(digits)
}

const WORD = /[A-Za-z_][A-Za-z0-9_]*/y
const UNICODE_WORD = /[\p{L}_][\p{L}\p{N}_]*/uy
const CONTINUED = /^\\\r?\n/

// Character codes.
const TAB = 9
const LINE_FEED = 10
const FORM_FEED = 12
const RETURN = 13
const SPACE = 32
const DOUBLE_QUOTE = 34
const QUOTE = 39
const DOT = 46
const ZERO = 48
const NINE = 57
const BACKSLASH = 92
const UNDERSCORE = 95
const LOWER_A = 97
const LOWER_Z = 122
const TO_LOWER = 32
const ASCII_MAX = 127

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE
}

function isAsciiLetter(code: number): boolean {
  const lower = code | TO_LOWER
  return (lower >= LOWER_A && lower <= LOWER_Z) || code === UNDERSCORE
}
