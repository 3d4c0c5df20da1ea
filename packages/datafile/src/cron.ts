// Schedules of five fields, in UTC. Room 2: no clock here, times are values. Source: crontab(5) and Tinybird's COPY_SCHEDULE, read 2026-11.

/** A schedule that was read: which minutes, hours, days and months it names. */
export interface CronSchedule {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>
  /** When both days and weekdays are given (neither begins with `*`), a day of either is meant. */
  readonly isEitherDay: boolean
}

interface FieldRule {
  readonly title: string
  readonly min: number
  readonly max: number
  readonly names: readonly string[]
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ')

const MINUTE: FieldRule = { title: 'minute', min: 0, max: 59, names: [] }
const HOUR: FieldRule = { title: 'hour', min: 0, max: 23, names: [] }
const DAY: FieldRule = { title: 'day of the month', min: 1, max: 31, names: [] }
const MONTH: FieldRule = { title: 'month', min: 1, max: 12, names: MONTHS }
const WEEKDAY: FieldRule = { title: 'day of the week', min: 0, max: 7, names: WEEKDAYS }

const LENGTH_MAX = 256

/**
 * Reads `minute hour day month weekday`: `*`, numbers, names of months and weekdays, ranges `a-b`, steps `/n`, lists of these.
 * @returns why it is none, as `message`, for what names no day that exists too.
 */
export function parseCron(text: string): CronSchedule | { readonly message: string } {
  const fields = text.trim().split(/\s+/)
  const [minute, hour, day, month, weekday] = fields
  if (fields.length !== 5 || text.length > LENGTH_MAX)
    return { message: 'a schedule has five fields: minute hour day month weekday' }
  const minutes = readField(minute ?? '', MINUTE)
  const hours = readField(hour ?? '', HOUR)
  const days = readField(day ?? '', DAY)
  const months = readField(month ?? '', MONTH)
  const weekdays = readField(weekday ?? '', WEEKDAY)
  if (typeof minutes === 'string') return { message: minutes }
  if (typeof hours === 'string') return { message: hours }
  if (typeof days === 'string') return { message: days }
  if (typeof months === 'string') return { message: months }
  if (typeof weekdays === 'string') return { message: weekdays }
  const isEitherDay = !(day ?? '').startsWith('*') && !(weekday ?? '').startsWith('*')
  // Sunday has two numbers.
  const week = new Set([...weekdays].map((each) => each % 7))
  const schedule = { minutes, hours, days, months, weekdays: week, isEitherDay }
  return namesADay(schedule) ? schedule : { message: 'no such day exists' }
}

function readField(text: string, rule: FieldRule): ReadonlySet<number> | string {
  const found = new Set<number>()
  for (const part of text.split(',')) {
    const problem = readPart(part, rule, found)
    if (problem !== null) return problem
  }
  return found
}

function readPart(part: string, rule: FieldRule, found: Set<number>): string | null {
  const wrong = `'${part}' is no ${rule.title} (${rule.min} to ${rule.max})`
  const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d{1,4}))?$/.exec(part.toLowerCase())
  if (match === null) return wrong
  const [, first = '', last, step] = match
  if (first === '*' && last !== undefined) return wrong
  const from = first === '*' ? rule.min : numberOf(first, rule)
  const isOpen = first === '*' || (last === undefined && step !== undefined)
  const to = isOpen ? rule.max : last === undefined ? from : numberOf(last, rule)
  const by = step === undefined ? 1 : Number(step)
  if (from === null || to === null || from > to || by === 0) return wrong
  for (let each = from; each <= to; each += by) found.add(each)
  return null
}

function numberOf(text: string, { min, max, names }: FieldRule): number | null {
  const named = names.indexOf(text)
  if (named >= 0) return named + (min === 1 ? 1 : 0)
  if (!/^\d{1,2}$/.test(text)) return null
  const number = Number(text)
  return number >= min && number <= max ? number : null
}

/** Days of each month in a leap year. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function namesADay({ days, months, isEitherDay }: CronSchedule): boolean {
  if (isEitherDay) return true
  const first = Math.min(...days)
  return [...months].some((month) => first <= (LONGEST[month - 1] ?? 0))
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** The 29th of February on a given weekday comes at least once in 40 years (28, or 40 across a century). */
const DAYS_LOOKED_AT = 41 * 366

/**
 * The latest minute that a schedule names, not after a time.
 * @param atMs unix milliseconds. @returns unix milliseconds of the start of that minute; null when there is none in 41 years.
 */
export function lastRun(schedule: CronSchedule, atMs: number): number | null {
  const today = Math.floor(atMs / DAY_MS) * DAY_MS
  for (let back = 0; back < DAYS_LOOKED_AT; back += 1) {
    const day = today - back * DAY_MS
    if (!isDay(schedule, new Date(day))) continue
    const minuteMax = back === 0 ? Math.floor((atMs - day) / MINUTE_MS) : 1_439
    const minute = latestMinute(schedule, minuteMax)
    if (minute !== null) return day + minute * MINUTE_MS
  }
  return null
}

function isDay({ days, months, weekdays, isEitherDay }: CronSchedule, date: Date): boolean {
  if (!months.has(date.getUTCMonth() + 1)) return false
  const [isDate, isWeekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())]
  return isEitherDay ? isDate || isWeekday : isDate && isWeekday
}

function latestMinute({ hours, minutes }: CronSchedule, minuteMax: number): number | null {
  for (let hour = Math.floor(minuteMax / 60); hour >= 0; hour -= 1) {
    if (!hours.has(hour)) continue
    for (let minute = Math.min(59, minuteMax - hour * 60); minute >= 0; minute -= 1)
      if (minutes.has(minute)) return hour * 60 + minute
  }
  return null
}
