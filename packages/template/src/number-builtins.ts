// int(), float(), round() and abs().
import { bind, indexOf, positional, type CallArguments } from './arguments.ts'
import { exactFixed } from './exact-fixed.ts'
import type { Runtime } from './interpreter.ts'
import { INT_DIGITS_MAX, parseFloatText, parseInteger, pyRepr } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import { isKind, isNumeric, plain, typeName, type Value } from './values.ts'

/** Zeros beyond which every number we can hold is rounded to 0. */
const ZEROS_MAX = 5000

/** Reading an integer takes time with the square of its digits: this much of it costs a step. */
const DIGITS_SQUARED_PER_STEP = 4000

/** Python's int(x) and int(text, base). */
export function toInt(call: CallArguments, { budget }: Runtime): Value {
  const [x, base] = bind(call, 'int', ['x', 'base'])
  const value = plain(x === undefined ? 0n : x)
  if (isKind(value, 'placeholder')) return 0n
  if (typeof value === 'string') {
    const radix = base === undefined ? 10 : indexOf(base, 'int')
    if (radix !== 0 && (radix < 2 || radix > 36))
      throw new TemplateError('ValueError', 'int() base must be >= 2 and <= 36, or 0')
    budget.spend(1 + Math.min(value.length, INT_DIGITS_MAX) ** 2 / DIGITS_SQUARED_PER_STEP)
    return parseInteger(value, radix)
  }
  if (base !== undefined)
    throw new TemplateError('TypeError', "int() can't convert non-string with explicit base")
  if (typeof value === 'bigint' || typeof value === 'boolean') return BigInt(value)
  if (typeof value === 'number') return wholeOf(value)
  throw new TemplateError(
    'TypeError',
    `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
  )
}

/** A float without its decimals. @throws ValueError for NaN, OverflowError for infinity. */
function wholeOf(value: number): bigint {
  if (Number.isFinite(value)) return BigInt(Math.trunc(value))
  throw Number.isNaN(value)
    ? new TemplateError('ValueError', 'cannot convert float NaN to integer')
    : new TemplateError('OverflowError', 'cannot convert float infinity to integer')
}

/** Python's float(x). */
export function toFloat(call: CallArguments, { budget }: Runtime): Value {
  const [x] = positional(call, 'float', 0, 1)
  const value = plain(x === undefined ? 0 : x)
  if (isKind(value, 'placeholder')) return 0
  if (isNumeric(value)) {
    const float = Number(value)
    if (Number.isFinite(float) || typeof value === 'number') return float
    throw new TemplateError('OverflowError', 'int too large to convert to float')
  }
  if (typeof value !== 'string')
    throw new TemplateError(
      'TypeError',
      `float() argument must be a string or a real number, not '${typeName(value)}'`,
    )
  budget.spendText(value.length)
  const parsed = parseFloatText(value.replace(/(?<=[0-9])_(?=[0-9])/g, ''))
  if (parsed === null)
    throw new TemplateError(
      'ValueError',
      `could not convert string to float: ${pyRepr(value.slice(0, 100), budget)}`,
    )
  return parsed
}

/** Python's abs(). */
export function absolute(given: Value): Value {
  const value = plain(given)
  if (isKind(value, 'placeholder')) return value
  if (typeof value === 'number') return Math.abs(value)
  if (typeof value !== 'bigint' && typeof value !== 'boolean')
    throw new TemplateError('TypeError', `bad operand type for abs(): '${typeName(value)}'`)
  const int = BigInt(value)
  return int < 0n ? -int : int
}

/** Python's round(): half to even, on the exact value. */
export function roundNumber(call: CallArguments, { budget }: Runtime): Value {
  const [number, ndigits] = bind(call, 'round', ['number', 'ndigits'])
  const value = plain(number ?? null)
  if (isKind(value, 'placeholder')) return value
  const digits = ndigits === undefined || ndigits === null ? null : indexOf(ndigits, 'round')
  budget.spend(Math.min(Math.abs(digits ?? 0), ZEROS_MAX) / 8)
  if (!isNumeric(value))
    throw new TemplateError('TypeError', `type ${typeName(value)} doesn't define __round__ method`)
  if (typeof value !== 'number')
    return digits === null || digits >= 0 ? BigInt(value) : roundTens(BigInt(value) * 2n, -digits)
  return roundFloat(value, digits)
}

function roundFloat(value: number, digits: number | null): Value {
  if (digits === null) {
    wholeOf(value)
    return BigInt(exactFixed(value, 0))
  }
  if (!Number.isFinite(value) || digits > 300) return value
  if (digits >= 0) return Number(exactFixed(value, digits))
  // A fraction that is cut off still decides a tie, so it counts as a half of one.
  const whole = Math.trunc(Math.abs(value))
  const halves = BigInt(whole) * 2n + (Math.abs(value) > whole ? 1n : 0n)
  const size = Number(roundTens(halves, -digits))
  if (!Number.isFinite(size))
    throw new TemplateError('OverflowError', 'rounded value too large to represent')
  return value < 0 || Object.is(value, -0) ? -size : size
}

/** Half of `halves`, rounded half to even to a number with so many zeros. */
function roundTens(halves: bigint, zeros: number): bigint {
  const ten = 10n ** BigInt(Math.min(zeros, ZEROS_MAX))
  const scale = ten * 2n
  const size = halves < 0n ? -halves : halves
  const [floor, rest] = [size / scale, size % scale]
  const isUp = rest * 2n > scale || (rest * 2n === scale && floor % 2n === 1n)
  const rounded = (isUp ? floor + 1n : floor) * ten
  return halves < 0n ? -rounded : rounded
}
