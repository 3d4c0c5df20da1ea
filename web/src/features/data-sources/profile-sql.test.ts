import type { ColumnBody } from '@sandpiper/contracts'
import { expect, test } from 'vitest'

import { profileKind, selectProfile, selectTopValues } from './profile-sql.ts'

const column = (name: string, type: string): ColumnBody => ({
  ...{ name, type, nullable: false, normalized_name: name },
  ...{ codec: null, default_value: null, jsonpath: null },
})

test('a type tells whether a column is drawn as numbers, as times or not at all', () => {
  expect(
    Object.fromEntries(
      [
        'UInt8',
        'Decimal(9, 2)',
        'LowCardinality(Nullable(String))',
        'DateTime64(3)',
        'SimpleAggregateFunction(sum, Float64)',
        'AggregateFunction(uniq, String)',
        'Array(Int32)',
      ].map((type) => [type, profileKind(type)]),
    ),
  ).toEqual({
    UInt8: 'number',
    'Decimal(9, 2)': 'number',
    'LowCardinality(Nullable(String))': 'text',
    'DateTime64(3)': 'time',
    'SimpleAggregateFunction(sum, Float64)': 'number',
    'AggregateFunction(uniq, String)': 'state',
    'Array(Int32)': 'text',
  })
})

test('a profile reads a bounded part of the rows, and one column of it', () => {
  const sql = selectProfile('t', column('a`b', 'UInt8'))
  expect(sql).toContain('FROM (SELECT `a\\`b` FROM `t` LIMIT 1000000)')
  expect(sql).toContain('histogram(16)(toFloat64(`a\\`b`)) AS bins')
  expect(selectTopValues('t', column('s', 'String'))).toContain('LIMIT 1000000')
  expect(selectProfile('t', column('s', 'AggregateFunction(count)'))).not.toContain('uniq')
})
