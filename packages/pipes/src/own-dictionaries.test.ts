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

test('what a state of an aggregate, a JSON without types and a Dynamic of bytes hold has no dictionary', () => {
  const columns = ['AggregateFunction(any, LowCardinality(String))', 'JSON', 'Dynamic(max_types=0)']
  expect(ownDictionaries(columns.map((type) => ({ name: 'c', type })))).toBe('')
})

test.each([
  ['JSON(a LowCardinality(String), SKIP Dynamic)', 'JSON(a String, SKIP Dynamic)'],
  ['Dynamic', 'Dynamic(max_types = 0)'],
  ['Array(Variant(LowCardinality(String), UInt8))', 'Array(Dynamic(max_types = 0))'],
  [
    'Tuple(AggregateFunction(any, LowCardinality(String)), Dynamic(max_types=3))',
    'Tuple(AggregateFunction(any, LowCardinality(String)), Dynamic(max_types = 0))',
  ],
  ['Variant(String, UInt8)', null],
])('%s is taken apart as %s', (type, apart) => {
  expect(ownDictionaries([{ name: 'c', type }])).toBe(
    apart === null ? '' : ` REPLACE (CAST(CAST(\`c\` AS ${apart}) AS ${type}) AS \`c\`)`,
  )
})

test('each name is replaced once', () => {
  const twice = Array.from({ length: 2 }, () => ({ name: 'c', type: 'LowCardinality(String)' }))
  expect(ownDictionaries(twice)).toBe(ownDictionaries(twice.slice(1)))
})

test('a type that nobody can read and that may hold a dictionary is refused', () => {
  expect(() => ownDictionaries([{ name: 'c', type: 'Odd(LowCardinality(String))' }])).toThrow(
    "The column 'c' of type Odd(LowCardinality(String)) cannot be read by SQL of this token",
  )
  expect(ownDictionaries([{ name: 'c', type: 'Odd(String)' }])).toBe('')
})
