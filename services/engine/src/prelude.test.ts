import { describe, expect, test } from 'vitest'

import { quoteString, rememberPreludes, withMark, writePrelude, type Prelude } from './prelude.ts'

const write = (settings: Record<string, string>, params: Record<string, string> = {}): string =>
  writePrelude(
    {
      database: null,
      settings: new Map(Object.entries(settings)),
      params: new Map(Object.entries(params)),
    },
    { reserved: 'mark', querySeconds: 60, purpose: 'select' },
  )

describe('the prelude', () => {
  test.each([
    [undefined, '60'],
    ['5', '5'],
    ['0.5', '0.5'],
    ['0', '3600'],
    ['-1', '3600'],
    ['1e9', '3600'],
    ['nonsense', 'nonsense'],
  ])('a time limit of %s becomes %s', (asked, set) => {
    const text = write(asked === undefined ? {} : { max_execution_time: asked })
    expect(text).toContain(`max_execution_time = '${set}'`)
  })

  test.each(['a = 1, b', "x'; DROP TABLE t; --", '', 'a b', '`a`', 'a\n'])(
    'the setting name %j is refused',
    (name) => {
      expect(() => write({ [name]: '1' })).toThrow(expect.objectContaining({ code: 115 }))
    },
  )

  test('the name of a parameter cannot leave its place', () => {
    const name = "x = '1'; DROP TABLE t; --"
    expect(() => write({}, { [name]: '1' })).toThrow(/Unknown setting/)
  })

  test('our mark cannot be replaced', () => {
    const text = write({ mark: 'mine' })
    expect(text).not.toContain('mine')
    expect(withMark(text, ['mark', 'm'])).toBe(`${text}, mark = 'm'`)
  })

  test('values cannot leave their quotes', () => {
    expect(quoteString("'; DROP TABLE t; --\\")).toBe("'\\'; DROP TABLE t; --\\\\'")
    expect(quoteString('a\0b')).toBe("'a\\0b'")
  })

  test('a database name cannot leave its quotes', () => {
    const text = writePrelude(
      { database: '`; DROP TABLE t; --', settings: new Map(), params: new Map() },
      { reserved: 'mark', querySeconds: 60, purpose: 'select' },
    )
    expect(text).toMatch(/^USE `\\`; DROP TABLE t; --`; SET /)
  })
})

test('what is written for one prelude is never given for another, nor for the other way to answer', () => {
  const write = rememberPreludes((prelude, purpose) =>
    writePrelude(prelude, { querySeconds: 60, purpose, reserved: 'mark' }),
  )
  const of = (value: string): Prelude => ({
    ...{ database: null, params: new Map() },
    settings: new Map([['max_threads', value]]),
  })
  const [one, two] = [of('1'), of('2')]
  expect(write(one, 'select')).toContain("max_threads = '1'")
  expect(write(two, 'select')).toContain("max_threads = '2'")
  expect(write(one, 'select')).not.toContain('max_result_bytes')
  expect(write(one, 'other')).toContain('max_result_bytes')
  expect(write(one, 'select')).toContain("os_threads_nice_value_query = '1'")
  expect(write(one, 'load')).toContain("os_threads_nice_value_query = '10'")
})
