import { expect, test } from 'vitest'

import { datafileText, draftOf, nameFromFile, problemsOf, schemaText } from './schema-draft.ts'

const SCHEMA =
  "at DateTime64(3, 'UTC') `json:$.at`, order Int16 `json:$.order`, note Nullable(String) `json:$.a,b`, tags Array(String) `json:$.tags[:]` DEFAULT [], c LowCardinality(Nullable(String)), p Decimal(9, 2)"

test('a guessed schema is taken apart and put together as it was', () => {
  const draft = draftOf('orders', SCHEMA, ['$.at'])
  expect(draft.columns.map(({ name, type, nullable }) => [name, type, nullable])).toEqual([
    ['at', "DateTime64(3, 'UTC')", false],
    ['order', 'Int16', false],
    ['note', 'String', true],
    ['tags', 'Array(String)', false],
    ['c', 'LowCardinality(String)', true],
    ['p', 'Decimal(9, 2)', false],
  ])
  expect(draft.columns.map(({ jsonPath }) => jsonPath)).toEqual([
    ...['$.at', '$.order', '$.a,b', '$.tags[:]'],
    ...[null, null],
  ])
  expect(
    schemaText(draft)
      .replaceAll(/`(\w+)` (?=[A-Z])/g, '$1 ')
      .replaceAll(',\n', ', '),
  ).toBe(SCHEMA)
})

test('a time that every row has is the sorting key, else the first column that every row has', () => {
  expect(draftOf('a', SCHEMA, []).sortingKey).toBe('at')
  expect(draftOf('a', 'n Nullable(Int8), tags Array(String), b UInt8', []).sortingKey).toBe('b')
  expect(draftOf('a', 'n Nullable(Int8)', []).sortingKey).toBe('')
})

test('the datafile holds what was set and nothing else', () => {
  const draft = { ...draftOf('orders', 'at DateTime', []), ttl: 'at + INTERVAL 30 DAY' }
  expect(datafileText(draft)).toBe(
    'SCHEMA >\n    `at` DateTime\n\nENGINE "MergeTree"\nENGINE_SORTING_KEY "at"\nENGINE_TTL "at + INTERVAL 30 DAY"\n',
  )
})

test('names that no data source can have are told before anything is sent', () => {
  const draft = draftOf('1st', 'a UInt8, a UInt8', [])
  expect(problemsOf(draft)).toHaveLength(2)
  expect(problemsOf({ ...draft, name: 'ok', columns: [] })).toEqual([
    'A data source needs at least one column.',
  ])
  const attack = draftOf('ok', 'a UInt8', [])
  const [column] = attack.columns
  expect(
    problemsOf({ ...attack, columns: [{ ...column!, name: '<img src=x onerror=alert(1)>' }] }),
  ).toHaveLength(1)
})

test('a file name becomes a name', () => {
  expect(
    ['orders 2026-01.csv', 'a.ndjson.gz', '2026.parquet', 'x/y.csv'].map(nameFromFile),
  ).toEqual(['orders_2026_01', 'a', 'data_2026', 'x_y'])
})
