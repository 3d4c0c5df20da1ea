// The client and the real embedded engine: what is honoured, what is cut off, what is never mistaken for a whole answer.
import { startEngine, type RunningEngine } from '@sandpiper/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { ClickHouse } from './client-contract.ts'
import { createClickHouse } from './create-clickhouse.ts'
import { EMPTY_DATABASE, ensureEmptyDatabase } from './empty-database.ts'
import { querySettings } from './query-settings.ts'

let engine: RunningEngine
let clickhouse: ClickHouse
const limits = { timeoutSeconds: 10, resultBytesMax: 100_000_000 }

beforeAll(async () => {
  engine = await startEngine()
  clickhouse = createClickHouse({
    url: 'http://localhost',
    socketPath: engine.socketPath,
    loadsFiles: true,
  })
  await ensureEmptyDatabase(clickhouse)
})
afterAll(async () => {
  await clickhouse.close()
  await engine.stop()
})

async function text(
  sql: string,
  more: Partial<Parameters<ClickHouse['query']>[0]> = {},
): Promise<string> {
  const reply = await clickhouse.query({
    sql,
    database: EMPTY_DATABASE,
    settings: querySettings(limits),
    ...more,
  })
  const chunks: Uint8Array[] = []
  for await (const chunk of reply.body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

test('the JSON envelope has the shape of the wire: numbers unquoted, NaN and infinity null, plain dates', async () => {
  const sql =
    "SELECT toUInt64(18446744073709551615) AS u, nan AS n, inf AS i, toDateTime('2026-01-02 03:04:05', 'UTC') AS d LIMIT 1"
  const body = await text(sql)
  expect(body).toContain('18446744073709551615')
  expect(body).not.toContain('"18446744073709551615"')
  expect(JSON.parse(body)).toMatchObject({
    meta: [{ name: 'u', type: 'UInt64' }, { name: 'n' }, { name: 'i' }, { name: 'd' }],
    data: [{ n: null, i: null, d: '2026-01-02 03:04:05' }],
    rows: 1,
    statistics: {
      elapsed: expect.any(Number) as number,
      rows_read: expect.any(Number) as number,
      bytes_read: expect.any(Number) as number,
    },
  })
})

test('rows gives 64-bit integers exactly, as text', async () => {
  expect(await clickhouse.rows({ sql: 'SELECT toInt64(-9223372036854775808) AS a' })).toEqual([
    { a: '-9223372036854775808' },
  ])
})

test('parameters are values, whatever they hold', async () => {
  const value = "a'b\\x27\tc\nd\\ü; SELECT 2"
  expect(await clickhouse.rows({ sql: 'SELECT {v:String} AS v', params: { v: value } })).toEqual([
    { v: value },
  ])
})

test('settings and parameters of one query never reach the next', async () => {
  await clickhouse.rows({
    sql: 'SELECT {v:String} AS v',
    params: { v: 'x' },
    settings: { max_threads: 3 },
  })
  for (let n = 0; n < 12; n++) {
    await expect(clickhouse.rows({ sql: 'SELECT {v:String} AS v' })).rejects.toMatchObject({
      code: 'query.failed',
    })
    expect(await clickhouse.rows({ sql: "SELECT getSetting('max_threads') != 3 AS ok" })).toEqual([
      { ok: 1 },
    ])
  }
})

test.each([
  ['CREATE TABLE nothing.x (a Int8) ENGINE = Memory'],
  ['DROP DATABASE nothing'],
  ['INSERT INTO nothing.x SELECT 1'],
  ['SET readonly = 0'],
])('a query cannot write: %s', async (sql) => {
  await expect(text(sql)).rejects.toMatchObject({ code: 'query.failed' })
})

test.each([
  [
    'time',
    'SELECT count() FROM numbers(40000000000) WHERE sipHash64(number) = 1',
    { max_execution_time: 1 },
    'query.timeout',
    '159',
  ],
  [
    'memory',
    'SELECT length(groupArray(number)) FROM numbers(100000000)',
    { max_memory_usage: 10_000_000 },
    'query.failed',
    '241',
  ],
  [
    'result bytes',
    'SELECT number FROM numbers(100000000)',
    { max_result_bytes: 1_000_000 },
    'query.failed',
    '396',
  ],
  [
    'rows read',
    'SELECT count() FROM numbers(100000000) WHERE number % 2',
    { max_rows_to_read: 1_000 },
    'query.failed',
    '158',
  ],
  [
    'depth of the tree',
    `SELECT ${'abs('.repeat(300)}1${')'.repeat(300)}`,
    { max_ast_depth: 50 },
    'query.failed',
    '167',
  ],
  [
    'elements of the tree',
    `SELECT ${'1,'.repeat(500)}1`,
    { max_ast_elements: 100 },
    'query.failed',
    '168',
  ],
])('the limit on %s is honoured', async (_, sql, settings, code, engineCode) => {
  const failed = text(sql, { settings: { ...querySettings(limits), ...settings } })
  await expect(failed).rejects.toMatchObject({
    code,
    details: { headers: { 'X-DB-Exception-Code': engineCode } },
  })
})

test('an error after the first MiB makes the stream throw: a truncated body never looks complete', async () => {
  const sql = "SELECT repeat('x', 1000), throwIf(number = 90000, 'late') FROM numbers(100000)"
  const reply = await clickhouse.query({
    sql,
    format: 'JSON',
    settings: { max_block_size: 1_000, max_threads: 1 },
  })
  expect(reply.whole).toBeNull()
  let received = ''
  const reading = (async () => {
    for await (const chunk of reply.body) received += Buffer.from(chunk).toString()
  })()
  await expect(reading).rejects.toMatchObject({
    code: expect.stringMatching(/^(query[.]failed|engine[.]unavailable)$/) as string,
  })
  expect(received.length).toBeGreaterThan(1_000_000)
  expect(received).not.toContain('"statistics"')
  expect(received).not.toContain('__exception__')
})

test('leaving ends the query in the engine', async () => {
  const leaving = new AbortController()
  const marker = 734_173_417_341
  const asked = text(
    `SELECT count() FROM numbers(40000000000) WHERE sipHash64(number) = ${marker}`,
    { signal: leaving.signal },
  )
  const rejected = expect(asked).rejects.toMatchObject({ code: 'query.failed' })
  const running = async (): Promise<number> => {
    const sql = `SELECT count() AS n FROM system.processes WHERE query LIKE '%${marker}%' AND query NOT LIKE '%system.processes%'`
    return Number((await clickhouse.rows<{ n: string }>({ sql }))[0]?.n)
  }
  await expect.poll(running, { timeout: 10_000 }).toBe(1)
  leaving.abort()
  await rejected
  await expect.poll(running, { timeout: 10_000 }).toBe(0)
})

test('a name without a database resolves to nothing, where the default database of the engine would read a file', async () => {
  const sql = 'SELECT * FROM `/etc/hostname`'
  const unknown = { details: { headers: { 'X-DB-Exception-Code': '60' } } }
  await expect(text(sql)).rejects.toMatchObject(unknown)
  await expect(clickhouse.rows({ sql: `DESCRIBE TABLE (${sql})` })).rejects.toMatchObject(unknown)
  const unsafe = await clickhouse.query({
    ...{ sql, database: 'default' },
    format: 'TSVRaw',
    settings: { readonly: 0 },
  })
  expect(unsafe.whole?.byteLength).toBeGreaterThan(0)
})

test('every setting we send is known to the engine', async () => {
  const names = Object.keys(
    querySettings(limits, {
      max_threads: 1,
      optimize_read_in_order: 1,
      final: 1,
      output_format_parquet_string_as_string: 1,
    }),
  )
  const known = await clickhouse.rows<{ name: string }>({ sql: 'SELECT name FROM system.settings' })
  expect(names.filter((name) => !known.some((each) => each.name === name))).toEqual([])
})

test.each([
  'CSVWithNames',
  'JSONEachRow',
  'JSONCompact',
  'TabSeparatedWithNames',
  'PrettyCompact',
  'Parquet',
])('%s comes through', async (format) => {
  const reply = await clickhouse.query({
    sql: 'SELECT 1 AS a, 2 AS b',
    settings: querySettings(limits),
    format,
  })
  expect(reply.whole?.byteLength).toBeGreaterThan(0)
})
