// A line that is taken as it stands must be the row that taking it apart would give.
import type { Column } from '@sandpiper/datafile'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileSchema } from './compile-schema.ts'
import type { DecodedRow } from './decoded.ts'

const column = (name: string, type: string, jsonPath = `$.${name}`): Column => ({
  name,
  type,
  jsonPath,
  default: null,
  codec: null,
})

/** A column filled from deeper down: lines of such a schema are always taken apart. */
const DEEPER = column('deeper', 'Nullable(Int8)', '$.deeper.still')

function judged(line: string, ...columns: Column[]): { quick: DecodedRow; thorough: DecodedRow } {
  const decode = (all: Column[]): DecodedRow => compileSchema(all).decode(line, 0, line.length)
  return { quick: decode(columns), thorough: decode([...columns, DEEPER]) }
}

const TYPES = [
  ...['Int8', 'Int64', 'UInt8', 'UInt64', 'UInt256', 'Float32', 'Float64', 'Decimal(9, 2)'],
  ...['String', 'LowCardinality(String)', 'FixedString(4)', 'UUID', 'Bool', 'IPv4'],
  ...[
    'Date',
    'Date32',
    'DateTime',
    "DateTime('America/New_York')",
    'DateTime64(3)',
    'DateTime64(0)',
  ],
  ...["Enum8('a' = 1, 'b c' = 2)", 'Array(String)', 'Array(Nullable(Int16))', 'Array(Array(Int8))'],
  ...['Map(String, Int8)', 'JSON', 'Nullable(Int32)', 'Nullable(DateTime)'],
]

/** JSON texts near the borders of the types above. */
const VALUES = [
  ...[
    '0',
    '-0',
    '1',
    '-1',
    '127',
    '128',
    '255',
    '256',
    '-129',
    '1.0',
    '1e3',
    '1.5',
    '-0.5',
    '1E400',
  ],
  ...[
    '9223372036854775807',
    '9223372036854775808',
    '18446744073709551616',
    '"12"',
    '"01"',
    'true',
    '"1.50"',
  ],
  ...['false', 'null', '"null"', '""', '"a"', '"b c"', '"abcd"', '"abcde"', '"\\u0061"', '"é"'],
  ...['"61f0c404-5cb3-11e7-907b-a6006ad3dba0"', '"61F0C404-5CB3-11E7-907B-A6006AD3DBA0"'],
  ...['"61f0c4045cb311e7907ba6006ad3dba0"', '"61f0c404-5cb3-11e7-907b-a6006ad3dbaz"'],
  ...[
    '"2026-02-28"',
    '"2026-02-29"',
    '"2024-02-29"',
    '"1969-12-31"',
    '"2149-06-07"',
    '"2026-13-01"',
  ],
  ...[
    '"2026-11-21 12:00:00"',
    '"2026-11-21T12:00:00"',
    '"2026-11-21 24:00:00"',
    '"2026-11-21 12:60:00"',
  ],
  ...[
    '"2026-11-21 12:00:60"',
    '"2026-04-31 12:00:00"',
    '"1970-01-01 00:00:00"',
    '"2106-02-07 06:28:16"',
  ],
  ...[
    '"2026-11-21 12:00:00.123"',
    '"2026-11-21 12:00:00.1234"',
    '"2026-11-21T12:00:00.123Z"',
    '1763726400',
  ],
  ...[
    '"2026-11-21 12:00:00.12x"',
    '"0000-01-01 00:00:00"',
    '"2026_11-21 12:00:00"',
    '"192.168.0.1"',
  ],
  ...[
    '[]',
    '[1]',
    '[1,2]',
    '[1, 2]',
    '[null]',
    '["a","b"]',
    '["a\\n","b"]',
    '["a" ,"b"]',
    '[[1],[2]]',
  ],
  ...['[1,"2"]', '[300]', '["]"]', '["a,b"]', '{}', '{"a":1}', '{"a": 1}', '{"a":{"b":1},"a.b":2}'],
]

describe('each type judges each value alike, quickly or thoroughly', () => {
  test.each(TYPES)('%s', (type) => {
    for (const value of VALUES) {
      const { quick, thorough } = judged(`{"v":${value}}`, column('v', type))
      expect([quick.kind, quick.json], value).toEqual([thorough.kind, thorough.json])
    }
  })

  test('enough of the values are taken as they stand for that to mean something', () => {
    const asTheyStand = TYPES.filter((type) =>
      VALUES.some((value) => {
        const { quick } = judged(`{"v":${value}}`, column('v', type))
        return quick.kind === 'row' && quick.isLine === true
      }),
    )
    expect(asTheyStand).toEqual(TYPES)
  })
})

test('whatever keys a line has, in whatever order, it becomes the same row, also after lines with other keys', () => {
  const columns = [
    column('a', 'Int8'),
    column('b', 'Nullable(String)'),
    column('c', 'DateTime64(3)'),
  ]
  const quick = compileSchema(columns)
  const thorough = compileSchema([...columns, DEEPER])
  const key = fc.constantFrom('"a"', '"b"', '"c"', '"x"', '"\\u0061"', '"A"', '"a "')
  const value = fc.constantFrom('1', '"1"', 'null', '"2026-11-21 12:00:00.123"', '300', '{"a":2}')
  const line = fc
    .array(fc.tuple(key, fc.constantFrom('', ' '), value), { maxLength: 5 })
    .map((pairs) => `{${pairs.map(([name, space, text]) => `${name}:${space}${text}`).join(',')}}`)
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
      const text = lines.join('\n')
      let start = 0
      for (const one of lines) {
        const [got, wanted] = [quick, thorough].map((decoder) =>
          decoder.decode(text, start, start + one.length),
        )
        start += one.length + 1
        expect(got?.kind).toBe(wanted?.kind)
        expect(JSON.parse(got?.json ?? '')).toEqual(JSON.parse(wanted?.json ?? ''))
        if (got?.kind === 'row' && got.isLine === true) expect(got.json).toBe(one)
      }
    }),
    { numRuns: 1_000 },
  )
})
