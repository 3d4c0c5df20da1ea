// Dates and times. Texts without a zone stay as they are meant: in the column's own zone, as ClickHouse reads them. Texts with a zone
// and numbers become Unix time, which means the same in every zone. Numbers are seconds, milliseconds, microseconds or nanoseconds by
// their size (up to 10, 13, 16, 19 whole digits).
import type { Convert } from './type-rule.ts'
import { numberText, scaledInteger } from './convert-numbers.ts'
import { unquoted } from './json-scanner.ts'

/** A text taken apart; `offsetMinutes` null means the column's zone. `fraction` is its digits. */
interface Moment {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly seconds: number
  readonly fraction: string
  readonly offsetMinutes: number | null
}

const TEXT_CHARS_MAX = 64
const YEAR_FIRST =
  /^(\d{4})-(\d{2})-(\d{2})(?:\D(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,](\d{1,12}))?)?\s?(Z|UTC|[+-]\d{2}:?\d{2})?$/i
const DAY_FIRST = /^(\d{2})-(\d{2})-(\d{4})\D(\d{1,2}):(\d{1,2}):(\d{1,2})$/

const SECOND_UNITS: readonly (readonly [limit: bigint, perSecondDigits: number])[] = [
  [10n ** 11n, 0],
  [10n ** 14n, 3],
  [10n ** 17n, 6],
  [10n ** 20n, 9],
]

/** Date (1970-2149) and Date32 (1900-2299): the day of a date or time text; a zone is turned into UTC first. */
export function dateConverter(minDay: string, maxDay: string): Convert {
  return (text) => {
    const moment = momentIn(text)
    if (moment === null) return null
    const day = dayText(moment.offsetMinutes === null ? moment : inUtc(moment))
    return day >= minDay && day <= maxDay ? `"${day}"` : null
  }
}

/** DateTime: 1970 to 2106; fractions of a second are cut off. */
export function dateTimeConverter(): Convert {
  return (text) => {
    if (numberText(text) !== null) return inRange(ticksOfNumber(text, 0), 0n, 4_294_967_295n)
    const moment = momentIn(text)
    if (moment === null) return null
    const seconds = unixSeconds(moment)
    if (seconds < 0 || seconds > 4_294_967_295) return null
    return moment.offsetMinutes === null
      ? `"${dayText(moment)} ${timeText(moment)}"`
      : String(seconds)
  }
}

/** DateTime64(precision): 1900 to 2299, with 9 digits 1900 to 2262; further digits are cut off. */
export function dateTime64Converter(precision: number): Convert {
  const perSecond = 10n ** BigInt(precision)
  const minSecond = -2_208_988_800
  const maxSecond = precision === 9 ? 9_223_372_035 : 10_413_791_999
  const minTick = BigInt(minSecond) * perSecond
  const maxTick = BigInt(maxSecond + 1) * perSecond - 1n
  return (text) => {
    // The engine takes an unquoted integer as ticks of the column's precision.
    if (numberText(text) !== null) return inRange(ticksOfNumber(text, precision), minTick, maxTick)
    const moment = momentIn(text)
    if (moment === null) return null
    const seconds = unixSeconds(moment)
    if (seconds < minSecond || seconds > maxSecond) return null
    const fraction = moment.fraction.slice(0, precision).padEnd(precision, '0')
    if (moment.offsetMinutes !== null) {
      return String(BigInt(seconds) * perSecond + BigInt(fraction === '' ? '0' : fraction))
    }
    return `"${dayText(moment)} ${timeText(moment)}${fraction === '' ? '' : `.${fraction}`}"`
  }
}

function inRange(value: bigint | null, min: bigint, max: bigint): string | null {
  return value !== null && value >= min && value <= max ? String(value) : null
}

/** A number of seconds, or of a smaller unit by its size, as ticks of 10^-precision seconds. */
function ticksOfNumber(text: string, precision: number): bigint | null {
  const whole = scaledInteger(text, 0)
  if (whole === null) return null
  const size = whole < 0n ? -whole : whole
  const unit = SECOND_UNITS.find(([limit]) => size < limit)
  return unit === undefined ? null : scaledInteger(text, precision - unit[1])
}

function momentIn(json: string): Moment | null {
  if (json.charCodeAt(0) !== 34 || json.length > TEXT_CHARS_MAX) return null
  const text = unquoted(json)
  const yearFirst = YEAR_FIRST.exec(text)
  if (yearFirst !== null) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] =
      yearFirst
    return moment([year, month, day, hour, minute, second].map(Number), fraction, offsetOf(zone))
  }
  const dayFirst = DAY_FIRST.exec(text)
  if (dayFirst === null) return null
  const [, day, month, year, hour, minute, second] = dayFirst
  return moment([year, month, day, hour, minute, second].map(Number), '', null)
}

function moment(
  parts: readonly number[],
  fraction: string,
  offsetMinutes: number | null,
): Moment | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null
  if (hour > 23 || minute > 59 || second > 59 || Math.abs(offsetMinutes ?? 0) > 14 * 60) return null
  return { year, month, day, seconds: hour * 3600 + minute * 60 + second, fraction, offsetMinutes }
}

/** Days of a month of the Gregorian calendar. */
export function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

function offsetOf(zone: string | undefined): number | null {
  if (zone === undefined) return null
  if (!/^[+-]/.test(zone)) return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return zone.startsWith('-') ? -minutes : minutes
}

/** Unix seconds of the moment; without a zone as if it were UTC. */
function unixSeconds({ year, month, day, seconds, offsetMinutes }: Moment): number {
  return Date.UTC(year, month - 1, day) / 1000 + seconds - (offsetMinutes ?? 0) * 60
}

function inUtc(at: Moment): Moment {
  const date = new Date(unixSeconds(at) * 1000)
  return {
    ...at,
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    offsetMinutes: 0,
  }
}

function dayText({ year, month, day }: Moment): string {
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
}

function timeText({ seconds }: Moment): string {
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
