// Python's str() and repr() of values, and its ideas of characters: a str is counted and cut by code points.
import type { Budget } from './budget.ts'
import { TemplateError } from './template-error.ts'
import { NO_VALUE, intText, plain, type Value } from './values.ts'

/** Characters that escaping adds that cost a step. */
const ESCAPES_PER_STEP = 8

/** Python's str(). */
export function pyStr(value: Value, budget: Budget): string {
  const inner = plain(value)
  if (typeof inner === 'string') return inner
  return typeof inner === 'object' && inner !== null && inner.kind === 'exception'
    ? inner.message
    : pyRepr(inner, budget)
}

/** Python's repr(). @throws RecursionError for values nested (or looped) more than 64 deep. */
export function pyRepr(given: Value, budget: Budget, depth = 0): string {
  budget.visit(depth)
  const value = plain(given)
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'bigint') return intText(value, budget)
  if (typeof value === 'number') return floatRepr(value)
  if (typeof value === 'string') {
    budget.spendText(value.length)
    const shown = stringRepr(value)
    budget.spend((shown.length - value.length) / ESCAPES_PER_STEP)
    return shown
  }
  const all = (items: Iterable<Value>): string =>
    Array.from(items, (item) => pyRepr(item, budget, depth + 1)).join(', ')
  switch (value.kind) {
    case 'list':
      return `[${all(value.items)}]`
    case 'tuple':
      return value.items.length === 1 ? `(${all(value.items)},)` : `(${all(value.items)})`
    case 'set':
      return value.members.size === 0 ? 'set()' : `{${all(value.members.values())}}`
    case 'dict':
      return `{${Array.from(value.entries.values(), ([key, item]) => `${pyRepr(key, budget, depth + 1)}: ${pyRepr(item, budget, depth + 1)}`).join(', ')}}`
    case 'function':
      return `<function ${value.name}>`
    case 'exception':
      return `${value.type}(${stringRepr(value.message)})`
    case 'typed':
      return pyRepr(value.value, budget, depth + 1)
    case 'placeholder':
      return NO_VALUE
  }
}

/** Python's repr of a float: `1.0`, `1e+16`, `1e-05`, `inf`, `nan`. */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const [mantissa = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent < -4 || exponent >= 16) {
    const digits = String(Math.abs(exponent)).padStart(2, '0')
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`
  }
  const text =
    exponent < 0
      ? value.toFixed(mantissa.replace(/[-.]/g, '').length - 1 - exponent)
      : String(value)
  return text.includes('.') ? text : `${text}.0`
}

/** Characters that repr() does not show as they are: what Unicode calls other or separator, but for the space. */
const HIDDEN = /[\p{C}\p{Z}]/u

function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const inner = text.replace(/[\\'"]|[^ -~]/gu, (character) => {
    if (character === '\\' || character === quote) return `\\${character}`
    if (character === "'" || character === '"') return character
    const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character]
    return named ?? (HIDDEN.test(character) ? escaped(character) : character)
  })
  return quote + inner + quote
}

/** Python's ascii(): repr() with every character beyond ASCII escaped. */
export function asciiRepr(value: Value, budget: Budget): string {
  return pyRepr(value, budget).replace(/[^\0-~\x7f]/gu, escaped)
}

function escaped(character: string): string {
  const point = character.codePointAt(0) ?? 0
  const hex = point.toString(16)
  if (point < 0x100) return `\\x${hex.padStart(2, '0')}`
  return point < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/** True for text that repr() shows as it is, quotes apart. */
export function isPrintable(text: string): boolean {
  return !HIDDEN.test(text.replaceAll(' ', ''))
}

/** Python's white space: other than JavaScript's it has the four separators from U+001C and not U+FEFF. */
export const WHITE_SPACE =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'

const AROUND = new RegExp(`^[${WHITE_SPACE}]+`)
const WHITE = new RegExp(`^[${WHITE_SPACE}]$`)

/** True for one character of white space. */
export function isWhite(character: string): boolean {
  return WHITE.test(character)
}

/** Text without the white space around it. Linear. */
function trimmed(text: string): string {
  const inner = text.replace(AROUND, '')
  let end = inner.length
  while (end > 0 && isWhite(inner.charAt(end - 1))) end--
  return inner.slice(0, end)
}

const FLOAT = /^[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf(?:inity)?|nan)$/i

/** Digits an int may have; Python's own limit for text is 4300. */
export const INT_DIGITS_MAX = 4300

const DIGITS: ReadonlyMap<number, string> = new Map([
  [2, '0b'],
  [8, '0o'],
  [16, '0x'],
])

/** Python's int(text, base). @throws ValueError. */
export function parseInteger(text: string, base = 10): bigint {
  const bad = new TemplateError(
    'ValueError',
    `invalid literal for int() with base ${String(base)}: ${stringRepr(text.slice(0, 100))}`,
  )
  const [, sign = '', body = ''] = /^([+-]?)([^]*)$/.exec(trimmed(text)) ?? []
  if (body.length > INT_DIGITS_MAX) throw bad
  const lower = body.toLowerCase()
  const marked = [...DIGITS].find(([, prefix]) => lower.startsWith(prefix))
  const isMarked = marked !== undefined && (base === marked[0] || base === 0)
  // Base 0 reads a literal: "010" is none.
  if (base === 0 && !isMarked && /^0[_0-9]*[1-9]/.test(body)) throw bad
  const radix = isMarked ? marked[0] : base === 0 ? 10 : base
  const digits = isMarked ? lower.slice(2).replace(/^_/, '') : lower
  if (!/^[0-9a-z]+(?:_[0-9a-z]+)*$/.test(digits)) throw bad
  let value = 0n
  if (radix === 10) {
    if (!/^[0-9_]+$/.test(digits)) throw bad
    value = BigInt(digits.replaceAll('_', ''))
  } else
    for (const digit of digits.replaceAll('_', '')) {
      const number = Number.parseInt(digit, 36)
      if (number >= radix) throw bad
      value = value * BigInt(radix) + BigInt(number)
    }
  return sign === '-' ? -value : value
}

/** Python's float(text), or null when it is none. */
export function parseFloatText(text: string): number | null {
  const inner = trimmed(text)
  if (!FLOAT.test(inner)) return null
  const unsigned = inner.replace(/^[+-]/, '').toLowerCase()
  if (unsigned === 'nan') return Number.NaN
  const sign = inner.startsWith('-') ? -1 : 1
  return sign * (unsigned.startsWith('inf') ? Infinity : Number(unsigned))
}

const SURROGATE = /[\ud800-\udfff]/

/** The code points of a str. Cheap for text without surrogates. */
export function characters(text: string): string[] {
  return SURROGATE.test(text) ? Array.from(text) : text.split('')
}

/** How many code points a str has. */
export function length(text: string): number {
  return SURROGATE.test(text) ? Array.from(text).length : text.length
}

/** A part of a str by code points: `start` to `end`, both within it. */
export function cut(text: string, start: number, end: number): string {
  return SURROGATE.test(text) ? Array.from(text).slice(start, end).join('') : text.slice(start, end)
}
