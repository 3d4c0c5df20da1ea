// Numbers as the engine takes them. A number in plain notation keeps its text byte for byte; a string that holds a number is taken as
// that number. Everything is decided on the digits: no value passes through a JavaScript number on its way to the table.
import type { Convert } from './type-rule.ts'
import { unquoted } from './json-scanner.ts'

/** A number taken apart: value = ±(digits) * 10^(-scale), digits without leading zeros ('' is zero). */
interface Digits {
  readonly isNegative: boolean
  readonly digits: string
  readonly scale: number
}

const NUMBER = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,5}))?$/
const PLAIN_INTEGER = /^-?[1-9]\d*$|^0$/
const DIGITS_MAX = 1_000

/** Int8 to Int256 and UInt8 to UInt256. Takes integers, numbers without a fraction (1.0, 1e3), booleans (1, 0) and these in strings. */
export function integerConverter(bits: number, isSigned: boolean): Convert {
  const max = isSigned ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n
  const min = isSigned ? -(2n ** BigInt(bits - 1)) : 0n
  const safeChars = String(max).length - 1
  return (text) => {
    if (text === 'true') return '1'
    if (text === 'false') return '0'
    if (
      text.length <= safeChars &&
      PLAIN_INTEGER.test(text) &&
      (isSigned || text.charCodeAt(0) !== 45)
    )
      return text
    const integer = integerIn(text)
    if (integer === null) return null
    return integer >= min && integer <= max ? String(integer) : null
  }
}

/** Float32 and Float64: finite numbers as they came, and these in strings. 1e400 is not one. */
export function floatConverter(bits: 32 | 64): Convert {
  const max = bits === 32 ? 3.4028235677973366e38 : Number.MAX_VALUE
  return (text) => {
    const number = numberText(text)
    if (number === null) return null
    // Only judged by it: what is stored is the text.
    return Math.abs(Number(number)) <= max ? number : null
  }
}

/** Decimal(precision, scale). Digits beyond the scale are cut off, as ClickHouse does; more whole digits than fit are refused. */
export function decimalConverter(precision: number, scale: number): Convert {
  return (text) => {
    const taken = takeApart(numberText(text))
    if (taken === null) return null
    const shifted = shift(taken, scale)
    if (shifted === null || shifted.length > precision) return null
    const padded = shifted.padStart(scale + 1, '0')
    const whole = padded.slice(0, padded.length - scale)
    const fraction = scale === 0 ? '' : `.${padded.slice(padded.length - scale)}`
    const sign = taken.isNegative && shifted !== '' ? '-' : ''
    return `"${sign}${whole}${fraction}"`
  }
}

/** The integer a number or a string with a number is, exactly; null when it is none or absurdly large. */
function integerIn(text: string): bigint | null {
  const taken = takeApart(numberText(text))
  if (taken === null || (taken.scale > 0 && /[1-9]/.test(taken.digits.slice(-taken.scale))))
    return null
  const shifted = shift(taken, 0)
  if (shifted === null) return null
  const size = BigInt(shifted === '' ? '0' : shifted)
  return taken.isNegative ? -size : size
}

/** The whole part of number * 10^places, towards zero; null when the text is no number. */
export function scaledInteger(text: string, places: number): bigint | null {
  const taken = takeApart(numberText(text))
  const shifted = taken === null ? null : shift(taken, places)
  if (taken === null || shifted === null) return null
  const size = BigInt(shifted === '' ? '0' : shifted)
  return taken.isNegative ? -size : size
}

/** The text of a JSON number, or of a number in a JSON string, in JSON's spelling; null for anything else. */
export function numberText(text: string): string | null {
  const first = text.charCodeAt(0)
  if (first === 45 || (first >= 48 && first <= 57)) return text
  if (first !== 34 || text.length > DIGITS_MAX) return null
  const taken = NUMBER.exec(unquoted(text))
  if (taken === null) return null
  const [, sign, whole = '', fraction = '', exponent] = taken
  const digits = whole.replace(/^0+(?=\d)/, '')
  return `${sign === '-' ? '-' : ''}${digits}${fraction === '' ? '' : `.${fraction}`}${exponent === undefined ? '' : `e${exponent}`}`
}

function takeApart(number: string | null): Digits | null {
  const taken = number === null ? null : NUMBER.exec(number)
  if (taken === null) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = taken
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  return {
    isNegative: sign === '-',
    digits,
    scale: digits === '' ? 0 : fraction.length - Number(exponent),
  }
}

/** Digits of the whole part of value * 10^places without leading zeros; null when there would be too many. */
function shift({ digits, scale }: Digits, places: number): string | null {
  const move = places - scale
  if (digits.length + move > DIGITS_MAX) return null
  if (move >= 0) return digits === '' ? '' : digits + '0'.repeat(move)
  return digits.slice(0, Math.max(0, digits.length + move))
}
