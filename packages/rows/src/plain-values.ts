// Values that need no conversion, recognised where they stand: most values of most bodies are such, and neither cutting them out nor
// taking them apart is needed then. Each check takes less than its converter does, never more.
import { daysIn } from './convert-times.ts'
import type { IsPlain, TypeRule } from './type-rule.ts'

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const DOT = 46
const ZERO = 48
const COLON = 58
const BACKSLASH = 92
const CLOSE_BRACKET = 93
const SPACE = 32

/** String: a JSON string. */
export const plainText: IsPlain = (text, start) => text.charCodeAt(start) === QUOTE

/** Int8 to Int256, UInt8 to UInt256: digits, so few that they are in range, without a leading zero. */
export function plainInteger(bits: number, isSigned: boolean): IsPlain {
  const max = isSigned ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n
  const digitsMax = String(max).length - 1
  return (text, start, end) => {
    const from = isSigned && text.charCodeAt(start) === MINUS ? start + 1 : start
    const count = end - from
    if (count < 1 || count > digitsMax) return false
    if (text.charCodeAt(from) === ZERO) return count === 1 && from === start
    return areDigits(text, from, end)
  }
}

/** Float32 and Float64: a JSON number without an exponent, too short to be out of range. */
export const plainFloat: IsPlain = (text, start, end) => {
  if (end - start > 30) return false
  let index = text.charCodeAt(start) === MINUS ? start + 1 : start
  for (; index < end; index += 1) {
    const code = text.charCodeAt(index)
    if (!isDigit(code) && code !== DOT) return false
  }
  return true
}

/** Bool: true or false. */
export const plainBool: IsPlain = (text, start, end) =>
  (end - start === 4 && text.startsWith('true', start)) ||
  (end - start === 5 && text.startsWith('false', start))

/** UUID, with its dashes. */
export const plainUuid: IsPlain = (text, start, end) => {
  if (end - start !== 38 || text.charCodeAt(start) !== QUOTE) return false
  for (let place = 0; place < 36; place += 1) {
    const code = text.charCodeAt(start + 1 + place)
    const isDash = place === 8 || place === 13 || place === 18 || place === 23
    if (isDash ? code !== MINUS : !isHex(code)) return false
  }
  return true
}

/** Date and Date32: `"YYYY-MM-DD"` of these years. */
export function plainDay(minYear: number, maxYear: number): IsPlain {
  return (text, start, end) =>
    end - start === 12 &&
    text.charCodeAt(start) === QUOTE &&
    isDay(text, start + 1, minYear, maxYear)
}

/** DateTime (precision 0) and DateTime64: `"YYYY-MM-DD hh:mm:ss"` of these years, with exactly as many digits behind as the type has. */
export function plainTime(precision: number, minYear: number, maxYear: number): IsPlain {
  const chars = 21 + (precision === 0 ? 0 : precision + 1)
  return (text, start, end) => {
    if (end - start !== chars || text.charCodeAt(start) !== QUOTE) return false
    if (!isDay(text, start + 1, minYear, maxYear)) return false
    if (text.charCodeAt(start + 11) !== SPACE || text.charCodeAt(start + 14) !== COLON) return false
    if (text.charCodeAt(start + 17) !== COLON) return false
    if (!isAtMost(text, start + 12, 23) || !isAtMost(text, start + 15, 59)) return false
    if (!isAtMost(text, start + 18, 59)) return false
    if (precision === 0) return true
    return text.charCodeAt(start + 20) === DOT && areDigits(text, start + 21, end - 1)
  }
}

/** Enum: one of the names. */
export function plainEnum(names: readonly string[]): IsPlain {
  const texts = new Set(names.map((name) => JSON.stringify(name)))
  return (text, start, end) => texts.has(text.slice(start, end))
}

/** Array: elements without spaces between them, each plain, strings without an escape. */
export function plainArray(element: TypeRule): IsPlain | null {
  const { isPlain, isNullable } = element
  if (isPlain === null) return null
  return (text, start, end) => {
    if (text.charCodeAt(start + 1) === CLOSE_BRACKET) return end - start === 2
    if (end - start < 3) return false
    for (let at = start + 1; at < end;) {
      const elementEnd = elementEndOf(text, at, end)
      if (elementEnd < 0) return false
      const isNull = text.startsWith('null', at) && elementEnd - at === 4
      if (isNull ? !isNullable : !isPlain(text, at, elementEnd)) return false
      at = elementEnd + 1
    }
    return true
  }
}

/** Where a string without escapes, a number or a word ends, directly before a comma or the end of the array; -1 for anything else. */
function elementEndOf(text: string, at: number, end: number): number {
  let index = at
  if (text.charCodeAt(at) === QUOTE) {
    for (index = at + 1; index < end; index += 1) {
      const code = text.charCodeAt(index)
      if (code === BACKSLASH) return -1
      if (code === QUOTE) break
    }
    index += 1
  } else {
    for (; index < end; index += 1) {
      const code = text.charCodeAt(index)
      if (code === COMMA || code === CLOSE_BRACKET) break
      if (code <= SPACE || code === QUOTE || code > 122 || code === 91) return -1
    }
  }
  if (index === end - 1) return index
  return text.charCodeAt(index) === COMMA ? index : -1
}

function isDay(text: string, at: number, minYear: number, maxYear: number): boolean {
  if (text.charCodeAt(at + 4) !== MINUS || text.charCodeAt(at + 7) !== MINUS) return false
  const century = twoDigits(text, at)
  const ofCentury = twoDigits(text, at + 2)
  const month = twoDigits(text, at + 5)
  const day = twoDigits(text, at + 8)
  if (century < 0 || ofCentury < 0 || month < 1 || month > 12 || day < 1) return false
  const year = century * 100 + ofCentury
  return year >= minYear && year <= maxYear && (day <= 28 || day <= daysIn(year, month))
}

function isAtMost(text: string, at: number, max: number): boolean {
  const value = twoDigits(text, at)
  return value >= 0 && value <= max
}

/** -1 when they are no digits. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO
  const ones = text.charCodeAt(at + 1) - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

function areDigits(text: string, from: number, end: number): boolean {
  for (let index = from; index < end; index += 1) if (!isDigit(text.charCodeAt(index))) return false
  return true
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 57
}

function isHex(code: number): boolean {
  const lower = code | 32
  return isDigit(code) || (lower >= 97 && lower <= 102)
}
