import { expect, test } from 'vitest'

import { suggestTarget, targetFile, withTarget } from './suggest-target.ts'

test('states of aggregates are merged, under all that they are grouped by', () => {
  const columns = [
    { name: 'day', type: 'Date' },
    { name: 'shop', type: 'LowCardinality(String)' },
    { name: 'sold', type: 'AggregateFunction(sum, UInt64)' },
  ]
  const proposal = suggestTarget(columns)
  expect(proposal).toEqual({ engine: 'AggregatingMergeTree', sortingKey: 'day, shop' })
  expect(targetFile(columns, proposal)).toBe(
    `SCHEMA >
    day Date,
    shop LowCardinality(String),
    sold AggregateFunction(sum, UInt64)

ENGINE "AggregatingMergeTree"
ENGINE_SORTING_KEY "day, shop"
`,
  )
})

test('plain rows are sorted by names, then the time, never by what cannot be a key', () => {
  const columns = [
    { name: 'at', type: 'DateTime' },
    { name: 'shop', type: 'String' },
    { name: 'price', type: 'Float64' },
    { name: 'note', type: 'Nullable(String)' },
  ]
  expect(suggestTarget(columns)).toEqual({ engine: 'MergeTree', sortingKey: 'shop, at' })
  expect(suggestTarget([{ name: 'x', type: 'Float64' }]).sortingKey).toBe('tuple()')
})

test('a column that is no word is quoted', () => {
  expect(
    targetFile([{ name: 'count()', type: 'UInt64' }], {
      engine: 'MergeTree',
      sortingKey: 'count()',
    }),
  ).toContain('`count()` UInt64')
})

test('of a file that the server suggested, only what was chosen changes', () => {
  const suggested = `SCHEMA >
    \`day\` Date

ENGINE "MergeTree"
ENGINE_PARTITION_KEY "toYYYYMM(day)"
ENGINE_SORTING_KEY "day"
`
  expect(withTarget(suggested, { engine: 'MergeTree', sortingKey: 'day' })).toBe(suggested)
  expect(withTarget(suggested, { engine: 'SummingMergeTree', sortingKey: "day, '$&'" })).toBe(
    suggested
      .replace('"MergeTree"', '"SummingMergeTree"')
      .replace('KEY "day"', () => `KEY "day, '$&'"`),
  )
})
