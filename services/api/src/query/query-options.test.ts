import { expect, test } from 'vitest'

import { queryFields } from './query-fields.ts'
import { readQueryOptions } from './query-options.ts'

const options = (
  url: string,
  body: [string, unknown][] = [],
): ReturnType<typeof readQueryOptions> => readQueryOptions(queryFields(url), body)

test('what clients add to every call never reaches the template', () => {
  const { params } = options(
    '/x.json?token=t&from=ts-sdk&cli_version=1&__tb__semver=2&q=&format=csv&day=2026-01-01',
  )
  expect(params).toEqual({ day: '2026-01-01' })
})

test('repeated keys become a list, in order', () => {
  expect(options('/x?a=1&b=x&a=2&a=3').params).toEqual({ a: ['1', '2', '3'], b: 'x' })
})

test('the body wins over the URL and keeps JSON types', () => {
  const { params } = options('/x?a=1&b=2', [
    ['a', 7],
    ['c', [1, null]],
  ])
  expect(params).toEqual({ a: 7, b: '2', c: [1, null] })
})

test('spaces, plus signs and broken escapes are read as browsers write them', () => {
  expect(options('/x?a=1+2%2B3&b=%zz').params).toEqual({ a: '1 2+3', b: '%zz' })
})

test('names of Object.prototype are parameters like any other', () => {
  const { params } = options('/x?__proto__=1&constructor=2&toString=3')
  expect(Object.getPrototypeOf(params)).toBeNull()
  expect(Object.keys(params).sort()).toEqual(['__proto__', 'constructor', 'toString'])
  expect(({} as Record<string, unknown>)['1']).toBeUndefined()
})

test.each([
  ['', 'live'],
  ['?__tb__deployment=live', 'live'],
  ['?__tb__deployment=staging', 'staging'],
  ['?__tb__deployment=12', 12],
])('%s reads deployment %s', (query, expected) => {
  expect(options(`/x${query}`).deployment).toBe(expected)
})

test.each(['x', '0', '-1', '1.5', '1e3', 'staging&__tb__deployment=1'])(
  'deployment %s is refused',
  (value) => {
    expect(() => options(`/x?__tb__deployment=${value}`)).toThrow(/__tb__deployment/)
  },
)

test('options of the answer are read in any form clients send, and stay parameters for pipes that use the name', () => {
  expect(options('/x?explain=true&finalize_aggregations=1')).toMatchObject({
    ...{ explain: true, finalizeAggregations: true, params: { explain: 'true' } },
  })
  expect(options('/x?explain=false', [['finalize_aggregations', true]])).toMatchObject({
    ...{ explain: false, finalizeAggregations: true },
  })
  expect(options('/x?debug=query&tag=a&query_id=b&template_parameters=c').explain).toBe(false)
})

test('switches of the output are read as 0 or 1 only', () => {
  expect(
    options('/x?output_format_json_quote_64bit_integers=1&output_format_json_quote_denormals=2')
      .settings,
  ).toEqual({
    output_format_json_quote_64bit_integers: 1,
    output_format_json_quote_denormals: 0,
  })
})

test('q given twice is refused', () => {
  expect(() => options('/x?q=a&q=b')).toThrow(/'q'/)
})
