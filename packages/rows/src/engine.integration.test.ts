// Decoded rows on the real engine: what `file()` with our structure stores is what the event meant.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Column } from '@sandpiper/datafile'
import { startEngine, type RunningEngine } from '@sandpiper/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compileSchema } from './compile-schema.ts'
import { decodeBody } from './decode-body.ts'
import { insertColumns, quarantineColumns, structureOf } from './table-columns.ts'

let engine: RunningEngine
let spool: string
beforeAll(async () => {
  engine = await startEngine()
  spool = join(engine.directory, '..', 'spool')
  await mkdir(spool, { recursive: true })
})
afterAll(async () => {
  await engine.stop()
})

async function sql(text: string): Promise<string> {
  const response = await fetch(engine.url, { method: 'POST', body: text })
  const answer = await response.text()
  if (!response.ok) throw new Error(`${answer}\n${text}`)
  return answer
}

const literal = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const column = (name: string, type: string, changes: Partial<Column> = {}): Column => ({
  name,
  type,
  jsonPath: `$.${name}`,
  default: null,
  codec: null,
  ...changes,
})

let tables = 0
/** Puts NDJSON of decoded rows into a new table and gives back what SELECT finds, column by column as text. */
async function stored(
  columns: readonly Column[],
  rows: Buffer,
  select: string,
): Promise<string[][]> {
  tables += 1
  const table = `default.rows_${tables}`
  const file = join(spool, `rows_${tables}.ndjson`)
  await writeFile(file, rows)
  await sql(`CREATE TABLE ${table} (${structureOf(columns)}) ENGINE = MergeTree ORDER BY tuple()`)
  const names = insertColumns(columns)
  await sql(
    `INSERT INTO ${table} (${names}) SELECT ${names} FROM file(${literal(file)}, JSONEachRow, ${literal(structureOf(columns))})`,
  )
  const text = await sql(`SELECT ${select} FROM ${table} FORMAT JSONCompactEachRow`)
  await sql(`DROP TABLE ${table}`)
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string[])
}

async function storedAs(type: string, value: string): Promise<string> {
  const columns = [column('v', type)]
  const { rows, firstErrors } = await decodeBody(
    Buffer.from(`{"v":${value}}`),
    compileSchema(columns),
    { now: () => 0 },
  )
  expect(firstErrors).toEqual([])
  const [row] = await stored(columns, rows, 'toString(v)')
  return row?.[0] ?? ''
}

test.each([
  ['Int32', '1.0', '1'],
  ['UInt8', 'true', '1'],
  ['UInt64', '18446744073709551615', '18446744073709551615'],
  ['Int64', '"9007199254740993"', '9007199254740993'],
  ['UInt256', '9'.repeat(77), '9'.repeat(77)],
  ['Int256', `-${'9'.repeat(76)}`, `-${'9'.repeat(76)}`],
  ['Float64', '1e308', '1e308'],
  ['Float64', '"-1.5"', '-1.5'],
  ['Float32', '-0', '-0'],
  [
    'Decimal(38, 19)',
    '1234567890123456789.1234567890123456789',
    '1234567890123456789.1234567890123456789',
  ],
  ['Decimal(10, 2)', '1.5e3', '1500'],
  ['Decimal(10, 2)', '-0.019', '-0.01'],
  ['String', '"caf\\u00e9 \\ud83d\\ude00 \\"q\\" \\\\ \\/ \\n"', 'café 😀 "q" \\ / \n'],
  ['String', '"a\\u0000b"', 'a\u0000b'],
  ['String', '{"a": [1.0, "x"]}', '{"a": [1.0, "x"]}'],
  ['String', '1.10', '1.10'],
  ['FixedString(4)', '"ab"', 'ab'],
  ['UUID', '"0B9D2A526C7E4C389F0E5F2F6F3F6A10"', '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10'],
  ['Date', '"2149-06-06"', '2149-06-06'],
  ['Date', '"2024-01-01T23:30:00-02:00"', '2024-01-02'],
  ['Date32', '"1900-01-01"', '1900-01-01'],
  ['Date32', '"2299-12-31"', '2299-12-31'],
  ['DateTime', '"2024-01-02T03:04:05.678"', '2024-01-02 03:04:05'],
  ['DateTime', '"2024-01-02T03:04:05+01:00"', '2024-01-02 02:04:05'],
  ["DateTime('Europe/Madrid')", '"2024-01-02 03:04:05"', '2024-01-02 03:04:05'],
  ["DateTime('Europe/Madrid')", '"2024-01-02T03:04:05Z"', '2024-01-02 04:04:05'],
  ['DateTime', '1704164645', '2024-01-02 03:04:05'],
  ['DateTime', '4294967295', '2106-02-07 06:28:15'],
  ['DateTime', '0', '1970-01-01 00:00:00'],
  ['DateTime64(3)', '"2024-01-02T03:04:05.6789Z"', '2024-01-02 03:04:05.678'],
  ['DateTime64(3)', '"2024-01-02 03:04:05"', '2024-01-02 03:04:05.000'],
  ['DateTime64(6)', '1704164645123', '2024-01-02 03:04:05.123000'],
  ['DateTime64(9)', '1704164645', '2024-01-02 03:04:05.000000000'],
  ['DateTime64(3)', '"1900-01-01 00:00:00"', '1900-01-01 00:00:00.000'],
  ['DateTime64(3)', '"1969-12-31T23:59:59.5Z"', '1969-12-31 23:59:59.500'],
  ['DateTime64(0)', '"2024-01-02 03:04:05.6"', '2024-01-02 03:04:05'],
  ['Bool', '"Yes"', 'true'],
  ['IPv4', '"192.168.0.1"', '192.168.0.1'],
  ['IPv6', '"1.2.3.4"', '::ffff:1.2.3.4'],
  ['IPv6', '"2001:DB8::1"', '2001:db8::1'],
  ["Enum8('a' = 1, 'b\\'s' = -2)", '-2', "b's"],
  ["Enum16('a', 'b')", '"b"', 'b'],
  ['Array(Nullable(UInt64))', '[1,null,"18446744073709551615"]', '[1,NULL,18446744073709551615]'],
  ['Array(String)', '["a\'b",1]', "['a\\'b','1']"],
  ['Map(String, Array(Int8))', '{"k":[1],"l":[]}', "{'k':[1],'l':[]}"],
  ['Map(UInt8, String)', '{"1":"x"}', "{1:'x'}"],
  ['Tuple(Int8, String)', '[1,2]', "(1,'2')"],
  ['Tuple(a Int8, b Nullable(String))', '{"a":1}', '(1,NULL)'],
  ['LowCardinality(Nullable(String))', '"x"', 'x'],
  ['SimpleAggregateFunction(sum, Int64)', '5', '5'],
  ['JSON', '{"a":{"b":[1,2]},"c":"x"}', '{"a":{"b":[1,2]},"c":"x"}'],
  ['JSON', '{"big":18446744073709551615}', '{"big":18446744073709551615}'],
])('%s: %s is stored as meant', async (type, value, wanted) => {
  expect(await storedAs(type, value)).toBe(wanted)
})

test('columns left out take their DEFAULT, an expression over other columns included, or NULL', async () => {
  const columns = [
    column('a', 'Int32'),
    column('b', 'Int32', { default: 'a * 2' }),
    column('odd `name`', 'Nullable(String)', { jsonPath: '$.o' }),
    column('d', 'LowCardinality(String)', { default: "'it''s'" }),
    column('plain', 'UInt8', { jsonPath: null }),
  ]
  const { rows } = await decodeBody(
    Buffer.from('{"a":4}\n{"a":5,"b":null,"o":"x","d":"y"}'),
    compileSchema(columns),
    { now: () => 0 },
  )
  expect(await stored(columns, rows, 'toString(tuple(*))')).toEqual([
    ["(4,8,NULL,'it\\'s',0)"],
    ["(5,10,'x','y',0)"],
  ])
})

test('refused lines of every kind are rows of the quarantine table', async () => {
  const columns = [column('n', 'Int32'), column('s', 'Nullable(String)')]
  const lines = [
    '{"n":"x","s":"a\\n\\u0000"}',
    'nope',
    '{"n":"\\ud800"}',
    '{}',
    '{"n":"\\ud83d\\ude00"}',
    '{"n":1e400,"s":null}',
  ]
  const bad = Buffer.concat([
    Buffer.from(`${lines.join('\n')}\n`),
    Buffer.from([0x7b, 0xff, 0xc3, 0x7d]),
  ])
  const { refused, refusedCount } = await decodeBody(bad, compileSchema(columns), { now: () => 0 })
  expect(refusedCount).toBe(7)
  const found = await stored(
    quarantineColumns(columns),
    refused,
    'n, c__raw, length(c__error), c__import_id, insertion_date > now() - 60',
  )
  expect(found).toEqual([
    ['x', lines[0], 1, null, 1],
    [null, lines[1], 1, null, 1],
    [null, lines[2], 1, null, 1],
    [null, lines[3], 1, null, 1],
    ['😀', lines[4], 1, null, 1],
    ['1e400', lines[5], 1, null, 1],
    [null, '{\ufffd\ufffd}', 1, null, 1],
  ])
})

const days = fc
  .integer({ min: 0, max: 65_000 })
  .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10))
const big = (bits: number, signed: boolean): fc.Arbitrary<string> =>
  fc
    .bigInt(
      signed
        ? { min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n }
        : { min: 0n, max: 2n ** BigInt(bits) - 1n },
    )
    .map(String)
const text = fc.string({ unit: 'binary', maxLength: 20 })
// A type with values: [JSON text sent, toString() expected].
const types: Record<string, fc.Arbitrary<[string, string]>> = {
  Int8: big(8, true).map((value) => [value, value]),
  UInt64: fc
    .tuple(big(64, false), fc.boolean())
    .map(([value, quoted]) => [quoted ? `"${value}"` : value, value]),
  Int128: big(128, true).map((value) => [value, value]),
  'Decimal(20, 3)': fc
    .tuple(big(54, true), fc.stringMatching(/^\d{3}$/))
    .map(([whole, fraction]) => {
      const shown = fraction.replace(/0+$/, '')
      return [`${whole}.${fraction}`, `${whole}${shown === '' ? '' : `.${shown}`}`]
    }),
  String: text.map((value) => [JSON.stringify(value), value]),
  'LowCardinality(String)': text.map((value) => [JSON.stringify(value), value]),
  Date: days.map((day) => [`"${day}"`, day]),
  DateTime: fc.integer({ min: 0, max: 4_294_967_295 }).chain((seconds) => {
    const iso = new Date(seconds * 1000).toISOString()
    const shown = iso.slice(0, 19).replace('T', ' ')
    return fc.constantFrom<[string, string]>(
      [String(seconds), shown],
      [`"${iso}"`, shown],
      [`"${shown}"`, shown],
    )
  }),
  'DateTime64(3)': fc.integer({ min: 10 ** 12, max: 4 * 10 ** 12 }).chain((ms) => {
    const iso = new Date(ms).toISOString()
    const shown = iso.slice(0, 23).replace('T', ' ')
    return fc.constantFrom<[string, string]>(
      [String(ms), shown],
      [`"${iso}"`, shown],
      [`"${shown}"`, shown],
    )
  }),
  Bool: fc.boolean().map((value) => [String(value), String(value)]),
  'Array(Int64)': fc
    .array(big(64, true), { maxLength: 5 })
    .map((list) => [`[${list.join(', ')}]`, `[${list.join(',')}]`]),
  UUID: fc.uuid().map((value) => [`"${value}"`, value]),
}

test('random rows of random schemas: the table holds what a model of the types says', async () => {
  const names = fc.uniqueArray(fc.constantFrom(...Object.keys(types)), {
    minLength: 1,
    maxLength: 6,
  })
  const table = names.chain((chosen) =>
    fc.tuple(
      fc.constant(chosen),
      fc.array(fc.tuple(...chosen.map((type) => types[type]!)), { minLength: 1, maxLength: 20 }),
    ),
  )
  await fc.assert(
    fc.asyncProperty(table, async ([chosen, rows]) => {
      const columns = chosen.map((type, index) => column(`c${index}`, type))
      const lines = rows.map(
        (row) => `{${row.map(([json], index) => `"c${index}": ${json}`).join(', ')}}`,
      )
      const body = await decodeBody(Buffer.from(lines.join('\n')), compileSchema(columns), {
        now: () => 0,
      })
      expect(body.firstErrors).toEqual([])
      const found = await stored(
        columns,
        body.rows,
        columns.map(({ name }) => `toString(${name})`).join(', '),
      )
      expect(found).toEqual(rows.map((row) => row.map(([, shown]) => shown)))
    }),
    { numRuns: 25 },
  )
}, 120_000)
