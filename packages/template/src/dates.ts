// Dates as templates use them: formats of Python's strptime, and checks of the texts that Date and DateTime take. All in UTC.
import { TemplateError } from './template-error.ts'

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const DATE_TIME = /^(\d{4})[^\d](\d{2})[^\d](\d{2})[T ](\d{2}):(\d{2}):(\d{2})/
const DATE_TIME_64 = /^(\d{4})[^\d](\d{2})[^\d](\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?/
const DAY_FIRST = /^(\d{1,2})-(\d{1,2})-(\d{4}) (\d{1,2}):(\d{1,2}):(\d{1,2})/

/** True for text that the date types accept: `YYYY-MM-DD`, `YYYY-MM-DD hh:mm:ss...`, `DD-MM-YYYY h:m:s`, and a day that exists. */
export function isDateText(type: 'Date' | 'DateTime' | 'DateTime64', text: string): boolean {
  const found = (type === 'Date' ? DATE : type === 'DateTime' ? DATE_TIME : DATE_TIME_64).exec(text)
  if (found !== null) {
    const [, year, month, day, ...time] = found
    return exists(Number(year), Number(month), Number(day), time.map(Number))
  }
  const [, day, month, year, ...time] = type === 'Date' ? [] : (DAY_FIRST.exec(text) ?? [])
  return year !== undefined && exists(Number(year), Number(month), Number(day), time.map(Number))
}

const MONTHS_OF_30: ReadonlySet<number> = new Set([4, 6, 9, 11])

function exists(
  year: number,
  month: number,
  day: number,
  [hour = 0, minute = 0, second = 0]: number[],
): boolean {
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return false
  if (month !== 2) return day <= (MONTHS_OF_30.has(month) ? 30 : 31)
  return day <= (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28)
}

const MONTHS =
  'january february march april may june july august september october november december'.split(' ')
const DAYS = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ')

const DIRECTIVES: ReadonlyMap<string, string> = new Map([
  ['Y', '(?<Y>\\d{4})'],
  ['y', '(?<y>\\d{2})'],
  ['m', '(?<m>1[0-2]|0?[1-9])'],
  ['d', '(?<d>3[01]|[12]\\d|0?[1-9])'],
  ['H', '(?<H>2[0-3]|[01]?\\d)'],
  ['I', '(?<I>1[0-2]|0?[1-9])'],
  ['p', '(?<p>am|pm)'],
  ['M', '(?<M>[0-5]?\\d)'],
  ['S', '(?<S>6[01]|[0-5]?\\d)'],
  ['f', '(?<f>\\d{1,6})'],
  ['j', '(?<j>36[0-6]|3[0-5]\\d|[12]\\d\\d|0?[1-9]\\d|0{0,2}[1-9])'],
  ['z', '(?<z>Z|[+-]\\d{2}:?\\d{2}(?::?\\d{2})?)'],
  ['b', `(?<b>${MONTHS.map((name) => name.slice(0, 3)).join('|')})`],
  ['B', `(?<B>${MONTHS.join('|')})`],
  ['a', `(?:${DAYS.map((name) => name.slice(0, 3)).join('|')})`],
  ['A', `(?:${DAYS.join('|')})`],
  ['%', '%'],
])

const COMPOUND: ReadonlyMap<string, string> = new Map([
  ['T', '%H:%M:%S'],
  ['F', '%Y-%m-%d'],
  ['D', '%m/%d/%y'],
  ['R', '%H:%M'],
])

/** Directives a format may hold; a repeated one is refused, as Python does. */
const FORMAT_LENGTH_MAX = 100

/**
 * Python's strptime, as milliseconds since the epoch.
 * @throws ValueError when the text does not match or the format is bad.
 */
export function parseDate(text: string, format: string): number {
  const found = patternOf(format).exec(text)
  if (found === null)
    throw new TemplateError(
      'ValueError',
      `time data '${text.slice(0, 40)}' does not match format '${format}'`,
    )
  const part = (name: string): string | undefined => found.groups?.[name]
  const number = (name: string, otherwise: number): number => Number(part(name) ?? otherwise)
  const short = part('y')
  const year =
    short === undefined ? number('Y', 1900) : Number(short) + (Number(short) < 69 ? 2000 : 1900)
  const month = monthOf(part('B') ?? part('b')) ?? number('m', 1)
  const dayOfYear = part('j')
  const day = number('d', 1)
  if (!exists(year, month, day, []))
    throw new TemplateError('ValueError', 'day is out of range for month')
  const millis = Number((part('f') ?? '0').padEnd(6, '0')) / 1000
  const date = new Date(0)
  date.setUTCFullYear(
    year,
    dayOfYear === undefined ? month - 1 : 0,
    dayOfYear === undefined ? day : Number(dayOfYear),
  )
  date.setUTCHours(hourOf(part('H'), part('I'), part('p')), number('M', 0), number('S', 0), millis)
  return date.getTime() - offsetMillis(part('z'))
}

function patternOf(format: string): RegExp {
  if (format.length > FORMAT_LENGTH_MAX)
    throw new TemplateError('ValueError', 'date format is too long')
  const expanded = format.replace(
    /%([TFDR])/g,
    (whole, letter: string) => COMPOUND.get(letter) ?? whole,
  )
  const source = expanded.replace(/%([^])|\s+|[^\w\s]/g, (piece, letter: string | undefined) => {
    if (letter === undefined) return /^\s/.test(piece) ? '\\s+' : `\\${piece}`
    const directive = DIRECTIVES.get(letter)
    if (directive === undefined)
      throw new TemplateError('ValueError', `'${letter}' is a bad directive in format '${format}'`)
    return directive
  })
  try {
    return new RegExp(`^${source}$`, 'i')
  } catch {
    // A named group twice: the only way our own pieces do not compile.
    throw new TemplateError('ValueError', `a directive is repeated in format '${format}'`)
  }
}

function monthOf(name: string | undefined): number | null {
  if (name === undefined) return null
  return MONTHS.findIndex((month) => month.startsWith(name.toLowerCase().slice(0, 3))) + 1
}

function hourOf(
  hour: string | undefined,
  halfHour: string | undefined,
  half: string | undefined,
): number {
  if (halfHour === undefined) return Number(hour ?? 0)
  return (Number(halfHour) % 12) + (half?.toLowerCase() === 'pm' ? 12 : 0)
}

function offsetMillis(zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0
  const digits = zone.replace(/[^\d]/g, '')
  const seconds =
    Number(digits.slice(0, 2)) * 3600 +
    Number(digits.slice(2, 4)) * 60 +
    Number(digits.slice(4) || 0)
  return (zone.startsWith('-') ? -1 : 1) * seconds * 1000
}
