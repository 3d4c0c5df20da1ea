import type { HealMapping } from '@sandpiper/contracts'
import type { Column } from '@sandpiper/datafile'
import { expect, test } from 'vitest'
import type { RawForm } from './compile-schema.ts'
import { createLineHealer, mappingProblem } from './heal-line.ts'

function column(
  name: string,
  type: string,
  jsonPath: string | null,
  byDefault: string | null = null,
): Column {
  return { name, type, jsonPath, default: byDefault, codec: null }
}

const COLUMNS = [
  column('at', 'DateTime', '$.meta.at'),
  column('n', 'Int64', '$.n', '7'),
  column('tags', 'Array(String)', '$.tags[:]'),
]

function healed(
  raw: string | null,
  mapping: HealMapping = {},
  form: RawForm = 'sent',
  columns = COLUMNS,
): unknown {
  const row = createLineHealer(columns, mapping).heal(raw, form)
  return row.kind === 'row' ? row.json : row.errors.map(({ message }) => message)
}

const GOOD = '"meta":{"at":"2026-01-01 00:00:00"},"tags":[]'

test('without a mapping a line is judged as it would be today', () => {
  expect(healed(`{${GOOD},"n":1}`)).toBe('{"at":"2026-01-01 00:00:00","n":1,"tags":[]}')
  expect(healed(`{${GOOD},"n":"x"}`)).toEqual(["value 'x' on column 'n' is not Int64"])
})

test('a line that a mapping multiplies is refused before it is built', () => {
  const columns = Array.from({ length: 500 }, (_, index) =>
    column(`c${index}`, 'String', `$.c${index}`),
  )
  const mapping = Object.fromEntries(columns.map(({ name }) => [name, { path: '$' }]))
  // 500 times a million characters are more than a string may have.
  expect(healed(`{"a":"${'x'.repeat(1_040_000)}"}`, mapping, 'sent', columns)).toEqual([
    'not taken: mapped it has more than 1048576 characters',
  ])
})

test('a line keyed by column name is read by column name, so that no default takes the place of a value', () => {
  const kept = '{"at":"2026-01-01 00:00:00","n":5,"tags":["a"]}'
  expect(healed(kept, {}, 'columns')).toBe(kept)
  expect(healed(kept, { n: { constant: 6 } }, 'columns')).toBe(
    '{"at":"2026-01-01 00:00:00","n":6,"tags":["a"]}',
  )
})

test.each([
  [null, 'sent', 'no line was kept'],
  [`{${GOOD}}`, 'partial', 'the line was not kept as it was sent'],
] as const)('what was not kept whole stays: %s %s', (raw, form, message) => {
  expect(healed(raw, { n: { constant: 1 } }, form)).toEqual([message])
})

test.each([
  ['another path', '"m":{"n":12}', { path: '$.m.n' }, '12'],
  ['another path into lists', '"l":[{"n":1},{"n":2}]', { path: '$.l[:].n', steps: ['text'] }, null],
  ['a constant', '"n":"x"', { constant: '9223372036854775807' }, '9223372036854775807'],
  ['a default for nothing', '"x":1', { default: 3 }, '3'],
  ['a default for null', '"n":null', { default: 3 }, '3'],
  ['a default only where there is nothing', '"n":4', { default: 3 }, '4'],
  ['no default: the column has its own', '"n":null', {}, undefined],
  ['exact digits', '"n":"9,223,372,036,854,775,807"', { steps: ['number'] }, '9223372036854775807'],
  ['a number in spaces', '"n":" +0012 "', { steps: ['number'] }, '12'],
  ['trimmed', '"n":" 5 "', { steps: ['trim'] }, '5'],
  ['empty', '"n":""', { steps: ['empty_to_null'], default: 8 }, '8'],
  ['blank', '"n":"  "', { steps: ['trim', 'empty_to_null'], default: 8 }, '8'],
  ['a known text', '"n":"none"', { steps: [{ values: { none: 0 } }] }, '0'],
  ['an inherited name', '"n":"toString"', { steps: [{ values: {} }] }, null],
] as [string, string, HealMapping[string], string | null | undefined][])(
  'a column takes %s',
  (_, members, rule, n) => {
    const result = healed(`{${GOOD},${members}}`, { n: rule })
    if (n === null) expect(result).toEqual([expect.stringContaining("on column 'n' is not Int64")])
    else {
      const value = n === undefined ? '' : `"n":${n},`
      expect(String(result).replace(/"n":"(\d+)"/, '"n":$1')).toBe(
        `{"at":"2026-01-01 00:00:00",${value}"tags":[]}`,
      )
    }
  },
)

test.each([
  [1_700_000_000, 'epoch_seconds', '1700000000'],
  ['1700000000000', 'epoch_milliseconds', '1700000000'],
  ['31/12/2025 23:59', { date: 'DD/MM/YYYY HH:mm' }, '"2025-12-31 23:59:00"'],
  ['20251231', { date: 'YYYYMMDD' }, '"2025-12-31 00:00:00"'],
  ['2025.12.31T01:02:03', { date: 'YYYY.MM.DDTHH:mm:ss' }, '"2025-12-31 01:02:03"'],
] as const)('%s by %s is %s', (value, step, at) => {
  const raw = JSON.stringify({ meta: { at: value }, tags: [] })
  expect(healed(raw, { at: { steps: [step] } })).toBe(`{"at":${at},"tags":[]}`)
})

test.each([
  ['31-12-2025 23:59', { date: 'DD/MM/YYYY HH:mm' }],
  ['31/12/2025', { date: 'DD/MM/YYYY HH:mm' }],
  ['31/12/2025 23:59!', { date: 'DD/MM/YYYY HH:mm' }],
  ['31/13/2025', { date: 'DD/MM/YYYY' }],
  ['soon', 'epoch_seconds'],
] as const)('%s stays refused by %j', (value, step) => {
  const raw = JSON.stringify({ meta: { at: value }, tags: [] })
  expect(healed(raw, { at: { steps: [step] } })).toEqual([
    expect.stringContaining("on column 'at' is not DateTime"),
  ])
})

test('a missing value is told by the path that the mapping names', () => {
  expect(healed('{"tags":[]}', { at: { path: '$.when' } })).toEqual([
    "value is missing on column 'at' (DateTime): no $.when, not Nullable, no DEFAULT",
  ])
})

test('a column of the whole document holds the line alone, and a line that brings our own key changes nothing', () => {
  const columns = [...COLUMNS, column('doc', 'String', '$')]
  const raw = `{"c__mapped":{"m1":99},${GOOD},"n":"x"}`
  const row = JSON.parse(String(healed(raw, { n: { constant: 1 } }, 'sent', columns))) as {
    doc: string
    n: number
  }
  expect(row.n).toBe(1)
  expect(row.doc).toBe(raw)
})

test.each(['', '[]', '{"a":1', '{"a":1}}', 'null', '{"a":1},{"b":2}'])(
  '%j stays refused whatever the mapping',
  (raw) => {
    const mapping: HealMapping = {
      at: { constant: '2026-01-01' },
      n: { constant: 1 },
      tags: { default: null },
    }
    expect(Array.isArray(healed(raw, mapping))).toBe(true)
    expect(Array.isArray(healed(raw, mapping, 'columns'))).toBe(true)
  },
)

test('a mapping that does not fit the columns is told', () => {
  expect(mappingProblem(COLUMNS, { n: { path: '$.x' } })).toBeNull()
  expect(mappingProblem(COLUMNS, { x: {} })).toContain("'x'")
  expect(mappingProblem(COLUMNS, { n: { path: '$.x[1]' } })).toContain('[:]')
})
