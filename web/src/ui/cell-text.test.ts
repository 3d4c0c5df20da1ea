import { expect, test } from 'vitest'

import { cellText, isNumeric, isTime } from './cell-text.ts'

test('a value is one line of text, and a long one is cut', () => {
  expect(cellText(null)).toBe('NULL')
  expect(cellText('a\nb\tc')).toBe('a b c')
  expect(cellText({ a: [1] })).toBe('{"a":[1]}')
  expect(cellText('<img src=x onerror=alert(1)>')).toBe('<img src=x onerror=alert(1)>')
  expect(cellText('x'.repeat(1000))).toHaveLength(401)
})

test('numbers and times are known through their wrappers', () => {
  for (const type of [
    'UInt64',
    'Nullable(Float64)',
    'Decimal(10, 2)',
    'SimpleAggregateFunction(sum, UInt64)',
  ])
    expect(isNumeric(type), type).toBe(true)
  for (const type of ['String', 'Array(UInt8)', 'DateTime', 'Interval', 'IntervalDay'])
    expect(isNumeric(type), type).toBe(false)
  for (const type of ['Date', 'DateTime64(3)', 'Nullable(DateTime)', 'LowCardinality(Date)'])
    expect(isTime(type), type).toBe(true)
  expect(isTime('String')).toBe(false)
})
