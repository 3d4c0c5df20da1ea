import { expect, test } from 'vitest'

import { querySettings } from './query-settings.ts'

const limits = { timeoutSeconds: 10, resultBytesMax: 100 }

test('every limit is set on every query', () => {
  expect(querySettings(limits)).toMatchObject({
    readonly: 1,
    max_execution_time: 10,
    max_result_bytes: 100,
    max_memory_usage: 2_147_483_648,
    max_rows_to_read: 50_000_000_000,
    max_bytes_to_read: 10_000_000_000_000,
    max_ast_depth: 1_000,
    max_ast_elements: 50_000,
    max_expanded_ast_elements: 500_000,
    output_format_json_quote_64bit_integers: 0,
    output_format_json_quote_denormals: 0,
  })
})

test('only known settings may be asked for, and none lifts a limit', () => {
  const wanted = {
    readonly: 0,
    max_execution_time: 1_000,
    max_memory_usage: 0,
    additional_table_filters: '{}',
    __proto__: 1,
    max_threads: 1_000,
    output_format_json_quote_64bit_integers: '1',
  }
  expect(querySettings(limits, wanted)).toEqual({
    ...querySettings(limits),
    max_threads: 64,
    output_format_json_quote_64bit_integers: 1,
  })
})

test('a setting that is no number is left out', () => {
  expect(querySettings(limits, { max_threads: 'x' })).toEqual(querySettings(limits))
})

test('what is remembered for one wish is given for no other, and cannot be changed', () => {
  const plain = querySettings(limits)
  expect(querySettings(limits, { nothing: 1 })).toBe(plain)
  expect(querySettings(limits, { max_threads: 2, final: 1 })).toMatchObject({
    max_threads: 2,
    final: 1,
  })
  expect(querySettings(limits, { max_threads: '2 final,1' })).toEqual(plain)
  expect(querySettings({ ...limits, timeoutSeconds: 1 })).toMatchObject({ max_execution_time: 1 })
  expect(Object.isFrozen(plain)).toBe(true)
})
