import { describe, expect, it } from 'vitest'

import { lastRun, parseCron, type CronSchedule } from './cron.ts'

function cron(text: string): CronSchedule {
  const read = parseCron(text)
  if ('message' in read) throw new Error(read.message)
  return read
}

function last(text: string, at: string): string | undefined {
  const found = lastRun(cron(text), Date.parse(at))
  return found === null ? undefined : new Date(found).toISOString().slice(0, 16)
}

describe('the latest run of a schedule', () => {
  it.each([
    ['* * * * *', '2026-11-21T10:07:59Z', '2026-11-21T10:07'],
    ['*/5 * * * *', '2026-11-21T10:07:59Z', '2026-11-21T10:05'],
    ['2/20 * * * *', '2026-11-21T10:07:00Z', '2026-11-21T10:02'],
    ['0 0 * * *', '2026-11-21T00:00:00Z', '2026-11-21T00:00'],
    ['30 23 * * *', '2026-11-21T10:00:00Z', '2026-11-20T23:30'],
    ['0 9-17/4 * * *', '2026-11-21T16:00:00Z', '2026-11-21T13:00'],
    ['0 0 1 * *', '2026-11-21T10:00:00Z', '2026-11-01T00:00'],
    ['0 0 31 * *', '2026-11-21T10:00:00Z', '2026-10-31T00:00'],
    ['0 0 29 2 *', '2026-11-21T10:00:00Z', '2024-02-29T00:00'],
    ['0 12 * * MON-FRI', '2026-11-22T10:00:00Z', '2026-11-20T12:00'],
    ['0 12 * jan,mar *', '2026-11-22T10:00:00Z', '2026-03-31T12:00'],
    // 2026-11-21 is a Saturday.
    ['0 0 * * 7', '2026-11-21T10:00:00Z', '2026-11-15T00:00'],
    ['0 0 * * sun', '2026-11-21T10:00:00Z', '2026-11-15T00:00'],
  ])('%s at %s is %s', (text, at, expected) => {
    expect(last(text, at)).toBe(expected)
  })

  it('is a day of either field when both are given', () => {
    expect(last('0 0 13 * 5', '2026-11-19T10:00:00Z')).toBe('2026-11-13T00:00')
    expect(last('0 0 16 * 5', '2026-11-19T10:00:00Z')).toBe('2026-11-16T00:00')
    expect(last('0 0 16 * 5', '2026-11-21T10:00:00Z')).toBe('2026-11-20T00:00')
  })

  it('agrees with looking at every minute', () => {
    const schedule = cron('7,38 3-20/3 */2 * 1-5')
    let expected: number | null = null
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2026, 0, 20); at += 60_000) {
      const date = new Date(at)
      const isNamed =
        [7, 38].includes(date.getUTCMinutes()) &&
        [3, 6, 9, 12, 15, 18].includes(date.getUTCHours()) &&
        date.getUTCDate() % 2 === 1 &&
        date.getUTCDay() >= 1 &&
        date.getUTCDay() <= 5
      if (isNamed) expected = at
      if (expected !== null) expect(lastRun(schedule, at)).toBe(expected)
    }
    expect(expected).not.toBeNull()
  })
})

describe('what is no schedule', () => {
  it.each([
    ['', 'five fields'],
    ['* * * *', 'five fields'],
    ['* * * * * *', 'five fields'],
    ['60 * * * *', "'60' is no minute (0 to 59)"],
    ['* 24 * * *', "'24' is no hour"],
    ['* * 0 * *', "'0' is no day of the month"],
    ['* * * 13 *', "'13' is no month"],
    ['* * * * 8', "'8' is no day of the week"],
    ['5-1 * * * *', "'5-1' is no minute"],
    ['*/0 * * * *', "'*/0' is no minute"],
    ['*-3 * * * *', "'*-3' is no minute"],
    ['1,,2 * * * *', "'' is no minute"],
    ['@daily * * * *', "'@daily' is no minute"],
    ['0 0 31 2,4 *', 'no such day exists'],
  ])('%j: %s', (text, message) => {
    expect(parseCron(text)).toEqual({ message: expect.stringContaining(message) as string })
  })
})
