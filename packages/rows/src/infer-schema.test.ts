import { parseDatafile, printColumn } from '@sandpiper/datafile'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'

import { compileSchema, decodeLine } from './compile-schema.ts'
import {
  inferFromCsv,
  inferFromJson,
  INFERRED_COLUMNS_MAX,
  isHeader,
  LEFT_OUT_MAX,
} from './infer-schema.ts'

const types = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    inferFromJson(lines).columns.map(({ column }) => [column.jsonPath ?? '', column.type]),
  )

test('a text that begins like a number is judged in time that grows with it, not with its square', () => {
  const text = `${'1'.repeat(200_000)}x`
  expect(inferFromCsv([[text]], null).columns[0]?.column.type).toBe('String')
})

describe('types from JSON', () => {
  it.each([
    [['1', '-5'], 'Int16'],
    [['1', '32768'], 'Int32'],
    [['2147483648'], 'Int64'],
    [['9223372036854775808'], 'UInt64'],
    [['-9223372036854775809'], 'Int128'],
    [['1', '1.5'], 'Float64'],
    [['true', 'false'], 'Bool'],
    [['"2026-11-01"'], 'Date'],
    [['"1950-11-01"'], 'Date32'],
    [['"2026-11-01 10:00:00"', '"2026-11-01T10:00:00Z"', '"2026-11-01"'], 'DateTime'],
    [['"2026-11-01 10:00:00.123"'], 'DateTime64(3)'],
    [['"2026-11-01 10:00:00.123456"', '"2026-11-01 10:00:00"'], 'DateTime64(6)'],
    [['"6f2c1f3e-7d1c-4e4b-9b54-0f6f0a6d9a11"'], 'UUID'],
    [['"1"', '"2"'], 'String'],
    [['1', '"x"'], 'String'],
    [['[1,[2]]'], 'Array(String)'],
    [['{}'], 'String'],
  ])('of %j is %s, and takes them', (values, type) => {
    const lines = values.map((each) => `{"a":${each}}`)
    const { columns } = inferFromJson(lines)
    expect(columns.map((each) => each.column.type)).toEqual([type])
    const decoder = compileSchema(columns.map((each) => each.column))
    for (const line of lines) expect(decodeLine(line, decoder)).toMatchObject({ kind: 'row' })
  })

  it('become LowCardinality only for many texts of which few differ', () => {
    const lines = (different: number): string[] =>
      Array.from({ length: 2_000 }, (_, index) => `{"a":"v${index % different}"}`)
    expect(types(lines(5))).toEqual({ '$.a': 'LowCardinality(String)' })
    expect(types(lines(500))).toEqual({ '$.a': 'String' })
  })
})

describe('a schema from JSON', () => {
  it('has a column for each path, Nullable when a row lacks it, with unique names', () => {
    const lines = [
      '{"a":{"b":1,"c":{"d":"x"}},"l":[{"k":1},{"k":2}],"a_b":true}',
      '{"a":{"b":2},"l":[]}',
      'no json',
      '[1]',
    ]
    const { columns, rows } = inferFromJson(lines)
    expect(rows).toBe(2)
    expect(columns.map(({ column: { name, type, jsonPath } }) => [name, type, jsonPath])).toEqual([
      ['a_b', 'Int16', '$.a.b'],
      ['a_c_d', 'Nullable(String)', '$.a.c.d'],
      ['l_k', 'Array(Int16)', '$.l[:].k'],
      ['a_b_1', 'Nullable(Bool)', '$.a_b'],
      ['l', 'Array(String)', '$.l[:]'],
    ])
  })

  it('has no column for a name that no path can have, and none of its prototype', () => {
    const { columns, leftOut } = inferFromJson(['{"a.b":1,"c[0]":2,"":3,"__proto__":{"x":1}}'])
    expect(columns.map((each) => each.column.jsonPath)).toEqual(['$.__proto__.x'])
    expect(leftOut).toEqual(['$.a.b', '$.c[0]', '$.'])
  })

  it('takes keys with spaces, quotes and whatever else a path can have, and names the others', () => {
    const { columns, leftOut } = inferFromJson([
      JSON.stringify({ 'Order Id': 1, "it's": 2, 'a"b, c -- d': 3, 'x]': { 'größe €': 4 } }),
      JSON.stringify({ l: [{ 'a b': 1, 'c`d': 2 }], ' e': 1, 'f ': 1, 'g\\h': 1, 'i\nj': 1 }),
    ])
    expect(columns.map(({ column: { name, jsonPath } }) => [name, jsonPath])).toEqual([
      ['Order_Id', '$.Order Id'],
      ['it_s', "$.it's"],
      ['a_b_c_d', '$.a"b, c -- d'],
      ['x__gro_e', '$.x].größe €'],
      ['l_a_b', '$.l[:].a b'],
    ])
    expect(leftOut).toEqual(['$.l[:].c`d', '$. e', '$.f ', '$.g\\h', '$.i\nj'])
  })

  it('whatever the key: a column whose datafile reads the very value, or one that is named', () => {
    const value = fc.integer({ min: 1, max: 30_000 })
    const key = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme-ascii' }))
    fc.assert(
      fc.property(
        fc.dictionary(key, value, { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
        (object) => {
          const line = JSON.stringify(object)
          const { columns, leftOut } = inferFromJson([line])
          expect(columns.length + leftOut.length).toBe(Object.keys(object).length)
          if (columns.length === 0) return
          const text = `SCHEMA >\n    ${columns.map(({ column }) => printColumn(column)).join(',\n    ')}\n`
          const { file, errors } = parseDatafile(text, { filename: 'x.datasource' })
          expect(errors).toEqual([])
          const parsed = file?.kind === 'datasource' ? file.columns : []
          expect(parsed.map(({ jsonPath }) => jsonPath)).toEqual(
            columns.map(({ column }) => column.jsonPath),
          )
          const row = decodeLine(line, compileSchema(parsed))
          const read = Object.values(JSON.parse(row.json) as Record<string, number>)
          const kept = columns.map(({ column }) => object[column.jsonPath?.slice(2) ?? ''])
          expect([row.kind, read]).toEqual(['row', kept])
        },
      ),
      { numRuns: 500 },
    )
  })

  it('is bounded in columns and depth', () => {
    const wide = Array.from({ length: 2_000 }, (_, index) => `"k${index}":1`).join(',')
    const found = inferFromJson([`{${wide}}`])
    expect(found.columns).toHaveLength(INFERRED_COLUMNS_MAX)
    expect(found.leftOut).toHaveLength(LEFT_OUT_MAX)
    const deep = `${'{"a":'.repeat(60)}1${'}'.repeat(60)}`
    expect(inferFromJson([deep]).columns).toHaveLength(1)
    expect(inferFromJson(['['.repeat(100_000)]).columns).toHaveLength(0)
  })
})

describe('a schema from CSV', () => {
  const RECORDS = [
    ['1', '007', '2.5', ''],
    ['2', '008', '', ''],
  ]

  it('guesses types of texts, and takes names from a header', () => {
    const found = inferFromCsv(RECORDS, ['id', 'Zip Code', 'price', '2nd'])
    expect(found.columns.map(({ column: { name, type } }) => [name, type])).toEqual([
      ['id', 'Int16'],
      ['Zip_Code', 'String'],
      ['price', 'Nullable(Float64)'],
      ['_2nd', 'Nullable(String)'],
    ])
  })

  it('numbers columns without a header, and leaves all as texts when told to', () => {
    const found = inferFromCsv(RECORDS, null, false)
    expect(found.columns.map(({ column: { name, type } }) => [name, type])).toEqual([
      ['column_1', 'String'],
      ['column_2', 'String'],
      ['column_3', 'String'],
      ['column_4', 'String'],
    ])
  })
})

describe('a header', () => {
  it.each<[string[][], boolean]>([
    [
      [
        ['a', 'b'],
        ['1', '2'],
      ],
      true,
    ],
    [
      [
        ['a', 'b'],
        ['x', 'y'],
      ],
      true,
    ],
    [
      [
        ['1', '2'],
        ['3', '4'],
      ],
      false,
    ],
    [
      [
        ['x', 'x'],
        ['1', '2'],
      ],
      false,
    ],
    [
      [
        ['x', 'y'],
        ['x', 'z'],
      ],
      false,
    ],
    [[['id', 'name']], true],
    [
      [
        ['', 'b'],
        ['1', '2'],
      ],
      false,
    ],
    [[], false],
  ])('is told from rows: %j is %s', (records, expected) => {
    expect(isHeader(records)).toBe(expected)
  })
})
