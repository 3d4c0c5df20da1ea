import { expect, test } from 'vitest'

import { readClickHouseError } from './clickhouse-error.ts'
import { faultOfEngine } from './errors.ts'

test('code, name and message are taken from the text of a server', () => {
  const text =
    "Code: 60. DB::Exception: Unknown table expression identifier 'nope' in scope SELECT * FROM nope. (UNKNOWN_TABLE) (version 26.7.2.1 (official build))\n"
  expect(readClickHouseError(text)).toEqual({
    code: 60,
    name: 'UNKNOWN_TABLE',
    message: "Unknown table expression identifier 'nope' in scope SELECT * FROM nope",
  })
})

test('a nested exception keeps its outer code and its inner message', () => {
  const text =
    "Code: 115. DB::Exception: Code: 115. DB::Exception: Unknown setting 'a'. (UNKNOWN_SETTING) (version 26.7.2.1). (UNKNOWN_SETTING)"
  expect(readClickHouseError(text)).toEqual({
    code: 115,
    name: 'UNKNOWN_SETTING',
    message: "Unknown setting 'a'",
  })
})

test('the header wins over the text, and a text of another shape is kept whole', () => {
  expect(readClickHouseError('gone away', '241')).toEqual({
    code: 241,
    name: '',
    message: 'gone away',
  })
  expect(readClickHouseError('gone away', 'x')).toEqual({ code: 0, name: '', message: 'gone away' })
})

test('a long run of parentheses is read in linear time', () => {
  const text = `Code: 1. DB::Exception: ${'(version '.repeat(20_000)}`
  expect(readClickHouseError(text).code).toBe(1)
})

test('blanks that a caller wrote into a message are gone through once', () => {
  const began = process.cpuUsage()
  const text = `Code: 6. DB::Exception: Cannot parse string '${' '.repeat(60_000)}x'. (CANNOT_PARSE_TEXT) (version 26.7.2.1)`
  const told = readClickHouseError(text)
  expect(told).toMatchObject({ code: 6, name: 'CANNOT_PARSE_TEXT' })
  expect(told.message.endsWith(" x'")).toBe(true)
  expect(faultOfEngine(told).details.public.length).toBeLessThan(3_000)
  // For each blank anew it takes half a minute.
  expect(process.cpuUsage(began).user).toBeLessThan(2_000_000)
})
