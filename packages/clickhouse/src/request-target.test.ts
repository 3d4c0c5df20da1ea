import { expect, test } from 'vitest'

import { requestTarget } from './request-target.ts'

const query = (target: string): URLSearchParams => new URL(target, 'http://x').searchParams

test('everything but the SQL stands in the URL', () => {
  const target = requestTarget({
    sql: 'SELECT secret',
    database: 'ws',
    params: { p: 'v' },
    settings: { max_threads: 2 },
    format: 'CSV',
    queryId: 'q1',
    timeoutMs: 1_500,
  })
  expect(Object.fromEntries(query(target))).toEqual({
    database: 'ws',
    param_p: 'v',
    max_threads: '2',
    default_format: 'CSV',
    query_id: 'q1',
    max_execution_time: '2',
  })
})

test('a name without a database is looked up where there are no tables, unless the request says where', () => {
  expect(query(requestTarget({ sql: '' })).get('database')).toBe('nothing')
  expect(query(requestTarget({ sql: '', database: 'ws' })).get('database')).toBe('ws')
})

test('a time limit is always set, and a limit of the settings wins', () => {
  expect(query(requestTarget({ sql: '' })).get('max_execution_time')).toBe('30')
  expect(
    query(requestTarget({ sql: '', settings: { max_execution_time: 3 } })).get(
      'max_execution_time',
    ),
  ).toBe('3')
})

test('a parameter value cannot be read as an escape by the engine', () => {
  const value = 'a\\x27\tb\nc\rd\0'
  expect(query(requestTarget({ sql: '', params: { p: value } })).get('param_p')).toBe(
    'a\\\\x27\\tb\\nc\\rd\\0',
  )
})

test('a hostile name or value cannot add another setting', () => {
  const target = requestTarget({ sql: '', params: { 'p&readonly': '0&readonly=0' } })
  expect(query(target).get('readonly')).toBeNull()
})
