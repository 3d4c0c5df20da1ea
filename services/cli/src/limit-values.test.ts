import { expect, test } from 'vitest'

import { readLimits } from './limit-values.ts'

test('sizes may have units, none takes a limit away', () => {
  expect(readLimits(['max_memory_usage=1.5GB', 'max_rows_to_read=7', 'rps=none'])).toEqual({
    ...{ max_memory_usage: 1_500_000_000, max_rows_to_read: 7, rps: null },
  })
  expect(readLimits(['max_result_bytes=2mib'])).toEqual({ max_result_bytes: 2_097_152 })
})

test.each(['rps', 'rps=', 'rps=fast', 'rps=1.5', 'rps=1e3', 'rps=-1', 'rps=5XB', '=5'])(
  '%s is a mistake',
  (text) => {
    expect(() => readLimits([text])).toThrow(/name=value|whole number/)
  },
)
