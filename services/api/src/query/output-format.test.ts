import { expect, test } from 'vitest'

import { formatOfEnding, formatOfName } from './output-format.ts'

test.each([
  ['json', 'JSON', 'application/json'],
  ['csv', 'CSVWithNames', 'text/csv'],
  ['csvwithnames', 'CSVWithNames', 'text/csv'],
  ['ndjson', 'JSONEachRow', 'application/x-ndjson'],
  ['parquet', 'Parquet', 'application/vnd.apache.parquet'],
])('.%s is %s as %s', (ending, engineFormat, contentType) => {
  expect(formatOfEnding(ending)).toEqual({ engineFormat, contentType })
})

test.each(['xml', 'native', 'constructor', ''])('.%s is refused with what there is', (ending) => {
  expect(() => formatOfEnding(ending)).toThrow(
    /json, csv, csvwithnames, ndjson, parquet, prometheus/,
  )
})

test('without FORMAT the answer is JSON, and names are read in any case', () => {
  expect(formatOfName(null).engineFormat).toBe('JSON')
  expect(formatOfName('csvWITHnames').engineFormat).toBe('CSVWithNames')
  expect(formatOfName('TSV').engineFormat).toBe('TabSeparated')
})

test('Prometheus is made here of rows with their names', () => {
  expect(formatOfEnding('prometheus')).toEqual({
    engineFormat: 'JSONCompactEachRowWithNamesAndTypes',
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    madeHere: 'prometheus',
  })
  expect(formatOfName('prometheus')).toEqual(formatOfEnding('prometheus'))
  expect(() => formatOfName('x')).toThrow(/Prometheus/)
})

test.each(['Native', 'Null', 'Protobuf', 'Template', 'SQLInsert'])(
  'FORMAT %s is refused',
  (name) => {
    expect(() => formatOfName(name)).toThrow(/not supported/)
  },
)
