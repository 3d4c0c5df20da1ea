import type { Column } from '@sandpiper/datafile'
import { describe, expect, test } from 'vitest'
import { compileSchema, decodeLine, LINE_CHARS_MAX } from './compile-schema.ts'
import type { DecodedRow } from './decoded.ts'

const column = (name: string, type: string, changes: Partial<Column> = {}): Column => ({
  name,
  type,
  jsonPath: `$.${name}`,
  default: null,
  codec: null,
  ...changes,
})
/** What becomes of one line in a data source of these columns. */
const decoded = (line: string, ...columns: Column[]): DecodedRow =>
  decodeLine(line, compileSchema(columns))
/** The row's JSON text, or the reasons it was refused for. */
const fate = (line: string, ...columns: Column[]): string | string[] => {
  const row = decoded(line, ...columns)
  return row.kind === 'row' ? row.json : row.errors.map((error) => error.message)
}
/** The quarantine row. */
const quarantined = (line: string, ...columns: Column[]): Record<string, unknown> => {
  const row = decoded(line, ...columns)
  expect(row.kind).toBe('refused')
  return JSON.parse(row.json) as Record<string, unknown>
}

describe('paths', () => {
  test.each([
    ['flat', '$.a', '{"a":1,"b":2}', '{"c":1}'],
    ['nested', '$.a.b', '{"a":{"x":[],"b":7}}', '{"c":7}'],
    ['an escaped key', '$.a', '{"\\u0061":3}', '{"c":3}'],
    ['of a key given twice the last', '$.a', '{"a":1,"a":2}', '{"c":2}'],
  ])('%s', (_, jsonPath, line, row) => {
    expect(fate(line, column('c', 'Int32', { jsonPath }))).toBe(row)
  })

  test.each([
    ['a list', '$.a[:]', '{"a":[1,2 , 3]}', '{"c":[1,2,3]}'],
    ['a key of each element', '$.a[:].k', '{"a":[{"k":1},{"j":9,"k":2}]}', '{"c":[1,2]}'],
    ['a list below a key', '$.x.a[:]', '{"x":{"a":[]}}', '{"c":[]}'],
    ['lists in a list', '$.a[:].b[:]', '{"a":[{"b":[1]},{"b":[2,3]}]}', '{"c":[[1],[2,3]]}'],
  ])('%s', (_, jsonPath, line, row) => {
    const type = jsonPath.split('[:]').length > 2 ? 'Array(Array(Int8))' : 'Array(Int8)'
    expect(fate(line, column('c', type, { jsonPath }))).toBe(row)
  })

  test('an element without the key is NULL where that is allowed, else the row is refused', () => {
    const line = '{"a":[{"k":1},{}]}'
    expect(fate(line, column('c', 'Array(Nullable(Int8))', { jsonPath: '$.a[:].k' }))).toBe(
      '{"c":[1,null]}',
    )
    expect(fate(line, column('c', 'Array(Int8)', { jsonPath: '$.a[:].k' }))).toEqual([
      "value '[1,null]' on column 'c' is not Array(Int8)",
    ])
  })

  test('the whole document, as text or as JSON', () => {
    const line = ' {"a": 1.0, "b":"x\\ny"} '
    expect(fate(line, column('c', 'String', { jsonPath: '$' }))).toBe(
      '{"c":"{\\"a\\": 1.0, \\"b\\":\\"x\\\\ny\\"}"}',
    )
    expect(fate(line, column('c', 'JSON', { jsonPath: '$' }))).toBe('{"c":{"a": 1.0, "b":"x\\ny"}}')
  })

  test('what was wanted below the first of two equal keys is not taken', () => {
    expect(fate('{"a":{"b":1},"a":{}}', column('c', 'Nullable(Int8)', { jsonPath: '$.a.b' }))).toBe(
      '{}',
    )
  })

  test('a column without a path is left to its default; without any path every column is taken by name', () => {
    expect(
      fate('{"a":1,"b":2}', column('a', 'Int8'), column('b', 'Int8', { jsonPath: null })),
    ).toBe('{"a":1}')
    expect(
      fate(
        '{"a":1,"b.c":2}',
        column('a', 'Int8', { jsonPath: null }),
        column('b.c', 'Int8', { jsonPath: null }),
      ),
    ).toBe('{"a":1,"b.c":2}')
  })
})

describe('missing and null', () => {
  const missing = ["value is missing on column 'n' (Int32): no $.n, not Nullable, no DEFAULT"]
  test.each([
    ['{}', column('n', 'Int32'), missing],
    ['{"n":null}', column('n', 'Int32'), missing],
    ['{}', column('n', 'Int32', { default: '7' }), '{}'],
    ['{"n":null}', column('n', 'Int32', { default: '7' }), '{}'],
    ['{}', column('n', 'Nullable(Int32)'), '{}'],
    ['{"n":null}', column('n', 'Nullable(Int32)', { default: '7' }), '{"n":null}'],
    ['{"n":null}', column('n', 'LowCardinality(Nullable(String))'), '{"n":null}'],
    ['{}', column('n', 'AggregateFunction(sum, Int32)'), '{}'],
  ])('%s for %o', (line, given, wanted) => {
    expect(fate(line, given)).toEqual(wanted)
  })
})

describe('values', () => {
  test.each([
    ['Int8', '-128', '-128'],
    ['UInt8', 'true', '1'],
    ['Int32', '"12"', '12'],
    ['Int32', '1.0', '1'],
    ['Int32', '12e2', '1200'],
    ['UInt16', '-0', '0'],
    ['UInt64', '18446744073709551615', '18446744073709551615'],
    ['Int64', '"9007199254740993"', '9007199254740993'],
    ['UInt256', '9'.repeat(77), '9'.repeat(77)],
    ['Float64', '9007199254740993', '9007199254740993'],
    ['Float64', '-0', '-0'],
    ['Float64', '0.10000000000000000000000000001', '0.10000000000000000000000000001'],
    ['Float32', '"1.5"', '1.5'],
    ['Decimal(20, 4)', '1234567890123456.7891', '"1234567890123456.7891"'],
    ['Decimal(10, 2)', '"-12.349"', '"-12.34"'],
    ['Decimal(10, 2)', '1.5e3', '"1500.00"'],
    ['Decimal64(2)', '-0.001', '"0.00"'],
    ['String', '"caf\\u00e9 \\"q\\""', '"caf\\u00e9 \\"q\\""'],
    ['String', '12.50', '"12.50"'],
    ['String', '{"a": [1]}', '"{\\"a\\": [1]}"'],
    ['String', 'false', '"false"'],
    ['String', '"\\u0000"', '"\\u0000"'],
    ['String', '"\\ud83d\\ude00"', '"\\ud83d\\ude00"'],
    ['LowCardinality(String)', '"x"', '"x"'],
    ['SimpleAggregateFunction(sum, Int64)', '5', '5'],
    ['FixedString(3)', '"äb"', '"äb"'],
    ['UUID', '"0B9D2A526C7E4C389F0E5F2F6F3F6A10"', '"0B9D2A52-6C7E-4C38-9F0E-5F2F6F3F6A10"'],
    ['Date', '"2024-02-29"', '"2024-02-29"'],
    ['Date', '"2024-01-01T23:30:00-02:00"', '"2024-01-02"'],
    ['Date32', '"1900-01-01"', '"1900-01-01"'],
    ['DateTime', '"2024-01-02 03:04:05"', '"2024-01-02 03:04:05"'],
    ['DateTime', '"2024-01-02T03:04:05.678"', '"2024-01-02 03:04:05"'],
    ['DateTime', '"2024-01-02T03:04:05Z"', '1704164645'],
    ['DateTime', '"2024-01-02T03:04:05+01:00"', '1704161045'],
    ['DateTime', '"2024-01-02"', '"2024-01-02 00:00:00"'],
    ['DateTime', '"02-01-2024 3:4:5"', '"2024-01-02 03:04:05"'],
    ['DateTime', '1704164645', '1704164645'],
    ['DateTime', '1704164645999', '1704164645'],
    ['DateTime', '1704164645.9', '1704164645'],
    ["DateTime64(3, 'Europe/Madrid')", '"2024-01-02 03:04:05.6"', '"2024-01-02 03:04:05.600"'],
    ['DateTime64(3)', '"2024-01-02T03:04:05.6789Z"', '1704164645678'],
    ['DateTime64(3)', '1704164645', '1704164645000'],
    ['DateTime64(6)', '1704164645123', '1704164645123000'],
    ['DateTime64(3)', '1704164645.5', '1704164645500'],
    ['DateTime64(0)', '"2024-01-02 03:04:05.6"', '"2024-01-02 03:04:05"'],
    ['Bool', 'true', 'true'],
    ['Bool', '"False"', 'false'],
    ['Bool', '1', 'true'],
    ['IPv4', '"192.168.0.1"', '"192.168.0.1"'],
    ['IPv6', '"2001:db8::1"', '"2001:db8::1"'],
    ['IPv6', '"1.2.3.4"', '"::ffff:1.2.3.4"'],
    ["Enum8('a' = 1, 'b\\'s' = 2)", '"b\'s"', '"b\'s"'],
    ["Enum8('a' = 1, 'b' = 2)", '2', '"b"'],
    ['Array(Nullable(UInt64))', '[1,null,"3"]', '[1,null,3]'],
    ['Map(String, Array(Int8))', '{"k":[1],"l":[]}', '{"k":[1],"l":[]}'],
    ['Map(UInt8, String)', '{"1":"x"}', '{"1":"x"}'],
    ['Tuple(Int8, String)', '[1,2]', '[1,"2"]'],
    ['Tuple(a Int8, b Nullable(String))', '{"a":1}', '{"a":1,"b":null}'],
    ['Tuple(a Int8, b String)', '[1,"x"]', '{"a":1,"b":"x"}'],
    ['JSON', '{"a":{"b":[1,{"c":2}]}}', '{"a":{"b":[1,{"c":2}]}}'],
  ])('%s takes %s as %s', (type, value, wanted) => {
    expect(fate(`{"v":${value}}`, column('v', type))).toBe(`{"v":${wanted}}`)
  })

  test.each([
    ['Int8', '128'],
    ['UInt8', '-1'],
    ['Int32', '1.5'],
    ['Int32', '""'],
    ['Int32', '" 1"'],
    ['Int32', '[]'],
    ['Int64', '1e400'],
    ['UInt64', '18446744073709551616'],
    ['Float64', '1e400'],
    ['Float32', '1e39'],
    ['Float64', '"nan"'],
    ['Float64', 'true'],
    ['Decimal(4, 2)', '100'],
    ['Decimal(4, 2)', '"1,5"'],
    ['FixedString(2)', '"äb"'],
    ['UUID', '"0b9d2a52"'],
    ['Date', '"2023-02-29"'],
    ['Date', '"1969-12-31"'],
    ['Date', '20240101'],
    ['Date', '"2150-01-01"'],
    ['Date32', '"2300-01-01"'],
    ['DateTime', '"2024-01-02 24:00:00"'],
    ['DateTime', '"2107-01-01 00:00:00"'],
    ['DateTime', '-1'],
    ['DateTime', '"yesterday"'],
    ['DateTime64(9)', '"2299-01-01 00:00:00"'],
    ['DateTime64(3)', '99999999999999999999'],
    ['Bool', '2'],
    ['Bool', '"maybe"'],
    ['IPv4', '"256.1.1.1"'],
    ['IPv6', '"1::2::3"'],
    ["Enum8('a' = 1)", '"c"'],
    ['Array(Int8)', '"[1]"'],
    ['Array(Int8)', '[1,"x"]'],
    ['Array(Int8)', '[null]'],
    ['Map(String, Int8)', '[]'],
    ['Map(UInt8, Int8)', '{"x":1}'],
    ['Tuple(Int8, Int8)', '[1]'],
    ['JSON', '[1]'],
    ['JSON', '{"a":1,"a":2}'],
    ['JSON', '{"a":{"b":1},"a.b":2}'],
    ['AggregateFunction(sum, Int32)', '"x"'],
  ])('%s refuses %s with a reason that names value, column and type', (type, value) => {
    const plain = value.startsWith('"') ? (JSON.parse(value) as string) : value
    expect(fate(`{"v":${value}}`, column('v', type))).toEqual([
      `value '${plain}' on column 'v' is not ${type}`,
    ])
  })
})

describe('a refused row', () => {
  test('keeps every value as text, names every column at fault, and keeps the line as it came', () => {
    const line = '{"n": "x", "m": 1.50, "s":"a\\nb", "o": null, "z": {"a":1}}'
    const columns = [
      column('n', 'Int8'),
      column('m', 'Int8'),
      column('s', 'String'),
      column('o', 'Nullable(String)'),
      column('z', 'String'),
    ]
    expect(quarantined(line, ...columns)).toEqual({
      n: 'x',
      m: '1.50',
      s: 'a\nb',
      z: '{"a":1}',
      c__error_column: ['n', 'm'],
      c__error: ["value 'x' on column 'n' is not Int8", "value '1.50' on column 'm' is not Int8"],
      c__raw: line,
    })
  })

  test('a column called like one of ours does not take its place', () => {
    const line = '{"c__raw":"mine","n":"x"}'
    expect(quarantined(line, column('n', 'Int8'), column('c__raw', 'String'))).toMatchObject({
      n: 'x',
      c__raw: line,
    })
  })

  test('a long value is quoted shortened, never as half a character', () => {
    const value = `${'x'.repeat(99)}😀${'y'.repeat(50)}`
    const [message] = quarantined(`{"n":"${value}"}`, column('n', 'Int8'))['c__error'] as string[]
    expect(message).toBe(`value '${'x'.repeat(99)}\ufffd...' on column 'n' is not Int8`)
  })
})

describe('lines that are not taken', () => {
  const columns = [column('n', 'Nullable(Int8)')]
  test.each([
    ['', 'not valid JSON: it ends too early'],
    ['nope', 'not valid JSON: unexpected "n"'],
    ['{"n":1', 'not valid JSON: it ends too early'],
    ['{"n":1}}', 'not valid JSON: text after the object'],
    ['{"n":1} {"n":2}', 'not valid JSON: text after the object'],
    ['{"n":01}', 'not valid JSON: unexpected "1"'],
    ['{"n":NaN}', 'not valid JSON: unexpected "N"'],
    ['{"n":+1}', 'not valid JSON: unexpected "+"'],
    ['{"n":1,}', 'not valid JSON: unexpected "}"'],
    ["{'n':1}", 'not valid JSON: unexpected "\'"'],
    ['{"n":"a\tb"}', 'not valid JSON: unexpected "\\t"'],
    ['{"n":"\\x41"}', 'not valid JSON: unexpected "\\\\"'],
    ['{"n":"\\u12g4"}', 'not valid JSON: unexpected "\\\\"'],
    ['[1]', 'not a JSON object'],
    ['"text"', 'not a JSON object'],
    ['null', 'not a JSON object'],
  ])('%s: %s', (line, message) => {
    const row = decoded(line, ...columns)
    expect(row).toMatchObject({ kind: 'refused', isJson: false, errors: [{ column: '', message }] })
    expect(JSON.parse(row.json)).toMatchObject({
      c__error_column: [''],
      c__error: [message],
      c__raw: line,
    })
  })

  test.each([
    [
      'depth',
      `{"n":${'['.repeat(64)}${']'.repeat(64)}}`,
      'not taken: nested deeper than 64 levels',
    ],
    ['100,000 levels', '{"n":'.repeat(100_000), 'not taken: nested deeper than 64 levels'],
    [
      'keys',
      `{${Array.from({ length: 10_001 }, (_, index) => `"k${index}":0`).join(',')}}`,
      'not taken: more than 10000 keys',
    ],
    [
      'a long number',
      `{"n":${'1'.repeat(600)}}`,
      'not taken: a number of more than 512 characters',
    ],
    [
      'a lone high surrogate',
      '{"n":"\\ud800"}',
      'not taken: a lone surrogate escape, which is no character',
    ],
    [
      'a lone low surrogate',
      '{"x":"\\udc00\\ud800"}',
      'not taken: a lone surrogate escape, which is no character',
    ],
  ])('%s is refused as JSON that is too much', (_, line, message) => {
    expect(decoded(line, ...columns)).toMatchObject({
      kind: 'refused',
      isJson: true,
      errors: [{ column: '', message }],
    })
  })

  test('64 levels and an object of 10,000 keys are taken', () => {
    expect(fate(`{"x":${'['.repeat(63)}${']'.repeat(63)}}`, ...columns)).toBe('{}')
    expect(
      fate(
        `{${Array.from({ length: 10_000 }, (_, index) => `"k${index}":0`).join(',')}}`,
        ...columns,
      ),
    ).toBe('{}')
  })

  test('a line above the limit is refused and its beginning kept', () => {
    const row = decoded(`{"n":"${'x'.repeat(LINE_CHARS_MAX)}"}`, ...columns)
    expect(row).toMatchObject({ kind: 'refused', isJson: true })
    expect((JSON.parse(row.json) as { c__raw: string }).c__raw).toHaveLength(65_536)
  })
})
