import { expect, test } from 'vitest'

import { fromNative } from './engine-error.ts'

const told = (text: string): { code: number; status: number; text: string } => {
  const { code, status, text: said } = fromNative(new Error(text), '26.7')
  return { code, status, text: said }
}

test("an exception of libchdb reads like a server's", () => {
  expect(told("Code: 60. DB::Exception: Unknown table 'x'. (UNKNOWN_TABLE)")).toEqual({
    code: 60,
    status: 404,
    text: "Code: 60. DB::Exception: Unknown table 'x'. (UNKNOWN_TABLE) (version 26.7)",
  })
})

test('nested exceptions become one', () => {
  const nested =
    'Code: 73. DB::Exception: Code: 73. DB::Exception: Unknown format Nope. (UNKNOWN_FORMAT) (version 26.7.2.1). (UNKNOWN_FORMAT) (version 26.7.2.1)'
  expect(told(nested).text).toBe(
    'Code: 73. DB::Exception: Unknown format Nope. (UNKNOWN_FORMAT) (version 26.7)',
  )
})

test('a message with brackets keeps them', () => {
  expect(told('Code: 395. DB::Exception: (a) (B) c. (THROW_IF)').text).toContain(
    'Exception: (a) (B) c. (THROW_IF)',
  )
})

test('a failure of another kind is unknown, status 500', () => {
  expect(told('socket hang up')).toEqual({
    code: 1002,
    status: 500,
    text: 'Code: 1002. DB::Exception: socket hang up (UNKNOWN_EXCEPTION)',
  })
})

test('a message of a caller takes time by its length alone, and is cut', () => {
  const spent = (blanks: number): number => {
    const began = process.cpuUsage()
    const { text } = told(
      `Code: 6. DB::Exception: Cannot parse '${' '.repeat(blanks)}x'. (A) (CANNOT_PARSE_TEXT) (version 26.7.2.1)`,
    )
    expect(text.length).toBeLessThan(20_000)
    expect(text).toMatch(/ \(CANNOT_PARSE_TEXT\) \(version 26\.7\)$/)
    return process.cpuUsage(began).user
  }
  // Looked at for each blank anew this would take hours.
  expect(spent(8_000_000)).toBeLessThan(5_000_000)
})
