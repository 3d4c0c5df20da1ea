// Python's str() and repr() of values, and its ideas of characters: a str is counted and cut by code points.
import { TemplateError } from './template-error.ts'
import { NO_VALUE, newWalk, plain, visit, type Value, type Walk } from './values.ts'

/** Python's str(). */
export function pyStr(value: Value): string {
  const inner = plain(value)
  if (typeof inner === 'string') return inner
  return typeof inner === 'object' && inner !== null && inner.kind === 'exception'
    ? inner.message
    : pyRepr(inner)
}

/** Python's repr(). @throws RecursionError for values nested (or looped) more than 64 deep. */
export function pyRepr(given: Value, walk: Walk = newWalk(), depth = 0): string {
  visit(walk, depth)
  const value = plain(given)
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return floatRepr(value)
  if (typeof value === 'string') return stringRepr(value)
  const all = (items: Iterable<Value>): string =>
    Array.from(items, (item) => pyRepr(item, walk, depth + 1)).join(', ')
  switch (value.kind) {
    case 'list':
      return `[${all(value.items)}]`
    case 'tuple':
      return value.items.length === 1 ? `(${all(value.items)},)` : `(${all(value.items)})`
    case 'set':
      return value.members.size === 0 ? 'set()' : `{${all(value.members.values())}}`
    case 'dict':
      return `{${Array.from(value.entries.values(), ([key, item]) => `${pyRepr(key, walk, depth + 1)}: ${pyRepr(item, walk, depth + 1)}`).join(', ')}}`
    case 'function':
      return `<function ${value.name}>`
    case 'exception':
      return `${value.type}(${stringRepr(value.message)})`
    case 'typed':
      return pyRepr(value.value, walk, depth + 1)
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

function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const inner = text.replace(/[\\'"]|\p{Cc}/gu, (character) => {
    if (character === '\\' || character === quote) return `\\${character}`
    if (character === "'" || character === '"') return character
    const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character]
    return named ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
  return quote + inner + quote
}

const INT = /^[+-]?[0-9]+(?:_[0-9]+)*$/
const FLOAT = /^[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf(?:inity)?|nan)$/i

/** Digits an int may have; Python's own limit for text is 4300. */
export const INT_DIGITS_MAX = 4300

/** Python's int(text). @throws ValueError. */
export function parseInteger(text: string): bigint {
  const trimmed = text.trim()
  if (!INT.test(trimmed) || trimmed.length > INT_DIGITS_MAX)
    throw new TemplateError(
      'ValueError',
      `invalid literal for int() with base 10: ${stringRepr(text.slice(0, 100))}`,
    )
  return BigInt(trimmed.replaceAll('_', '').replace(/^\+/, ''))
}

/** Python's float(text), or null when it is none. */
export function parseFloatText(text: string): number | null {
  const trimmed = text.trim()
  if (!FLOAT.test(trimmed)) return null
  const unsigned = trimmed.replace(/^[+-]/, '').toLowerCase()
  if (unsigned === 'nan') return Number.NaN
  const sign = trimmed.startsWith('-') ? -1 : 1
  return sign * (unsigned.startsWith('inf') ? Infinity : Number(unsigned))
}

/** The code points of a str. Cheap for text without surrogates. */
export function characters(text: string): string[] {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text) : text.split('')
}
