import { expect, test } from 'vitest'

import { ownDictionaries } from './own-dictionaries.ts'

test('a column with a dictionary is taken apart and put together again, whatever it stands in', () => {
  const of = (type: string): string => ownDictionaries([{ name: 'a`b', type }])
  const name = '`a\\`b`'
  expect(of('String')).toBe('')
  expect(of('LowCardinality(String)')).toBe(
    ` REPLACE (CAST(CAST(${name} AS String) AS LowCardinality(String)) AS ${name})`,
  )
  for (const [type, without] of [
    ['LowCardinality(Nullable(FixedString(2)))', 'Nullable(FixedString(2))'],
    ["Map(LowCardinality(String), Array(DateTime('UTC')))", "Map(String, Array(DateTime('UTC')))"],
    ['Tuple(a LowCardinality(String), b LowCardinality(UInt8))', 'Tuple(a String, b UInt8)'],
    [
      'SimpleAggregateFunction(any, LowCardinality(String))',
      'SimpleAggregateFunction(any, String)',
    ],
    [
      "Tuple(LowCardinality(String), Enum8(')LowCardinality(' = 1))",
      "Tuple(String, Enum8(')LowCardinality(' = 1))",
    ],
  ] as const)
    expect(of(type)).toContain(`AS ${without}) AS ${type})`)
  expect(of('AggregateFunction(uniq, LowCardinality(String))')).toBe('')
})
