// Attack 47: what is only to be looked at is never run.
import { afterAll, beforeAll, expect, test } from 'vitest'

import { EVENTS_ID, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

let api: QueryApi
let token: string

beforeAll(async () => {
  api = await startQueryApi({})
  token = await api.token({ type: 'DATASOURCES:APPEND', resource: EVENTS_ID })
})
afterAll(() => api.stop())

async function ask(path: string, fields: Record<string, string>): Promise<[number, unknown]> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams(fields).toString()
  const answer = await api.call(path, token, { method: 'POST', headers, body })
  const byUrl = await api.call(`${path}?${body}`, token)
  const found = await answer.json()
  expect([byUrl.status, await byUrl.json()]).toEqual([answer.status, found])
  return [answer.status, found]
}

test('sql_format gives the text of the engine\u2019s formatter', async () => {
  expect(await ask('/v0/sql_format', { q: String.raw`select a,'x\' ü' from t where 1` })).toEqual([
    200,
    { q: "SELECT\n    a,\n    'x\\' ü'\nFROM t\nWHERE 1" },
  ])
})

test('sql_format keeps templates, and comments unless the engine\u2019s format is wished for', async () => {
  const template = '% select {{Int32(a)}}'
  expect(await ask('/v0/sql_format', { q: template, with_clickhouse_format: 'true' })).toEqual([
    200,
    { q: template },
  ])
  const q = 'select 1 -- one'
  expect(await ask('/v0/sql_format', { q })).toEqual([200, { q }])
  expect(await ask('/v0/sql_format', { q, with_clickhouse_format: 'true' })).toEqual([
    200,
    { q: 'SELECT 1' },
  ])
})

test('nothing of a text is run, whatever it holds', async () => {
  const table = `${api.database}.victim`
  await api.deps.clickhouse.command({ sql: `CREATE TABLE ${table} (x Int8) ENGINE = Memory` })
  for (const q of [
    `SELECT 1; DROP TABLE ${table}`,
    `DROP TABLE ${table}`,
    `select 1')); DROP TABLE ${table} --`,
    "SELECT file('/etc/passwd')",
    "SELECT * FROM url('http://127.0.0.1:1/', CSV)",
    'SELECT sleep(3)',
    `SELECT * FROM system.processes`,
  ]) {
    for (const path of ['/v0/sql_format', '/v0/sql_tables', '/v0/sql_replace']) {
      const [, found] = await ask(path, { q, with_clickhouse_format: '1', raising: 'true' })
      expect(JSON.stringify(found)).not.toMatch(/root:|Connection refused/)
    }
  }
  const rows = await api.deps.clickhouse.rows<{ c: string }>({
    sql: `SELECT count() AS c FROM ${table}`,
  })
  expect(rows).toEqual([{ c: '0' }])
})

test('sql_tables names what a text reads, its databases, and functions if wished for', async () => {
  const q =
    'WITH c AS (SELECT * FROM a) SELECT * FROM c JOIN d.b USING x WHERE y IN (SELECT y FROM a) AND z IN (SELECT number FROM numbers(3))'
  expect(await ask('/v0/sql_tables', { q })).toEqual([
    200,
    {
      tables: [
        ['', 'a'],
        ['d', 'b'],
      ],
    },
  ])
  expect(await ask('/v0/sql_tables', { q, table_functions: 'true', is_copy: 'true' })).toEqual([
    200,
    {
      tables: [
        ['', 'a'],
        ['d', 'b'],
        ['', '', 'numbers'],
      ],
    },
  ])
  const template = '% SELECT * FROM {% if defined(x) %} one {% else %} d.two {% end %}'
  expect(await ask('/v0/sql_tables', { q: template })).toEqual([
    200,
    {
      tables: expect.arrayContaining([
        ['', 'one'],
        ['d', 'two'],
      ]) as unknown,
    },
  ])
})

test('a broken text has no tables, or is refused where that was asked for', async () => {
  const q = "SELECT 'x FROM a"
  expect(await ask('/v0/sql_tables', { q })).toEqual([200, { tables: [] }])
  expect((await ask('/v0/sql_tables', { q, raising: 'true' }))[0]).toBe(400)
  expect((await ask('/v0/sql_format', { q }))[0]).toBe(400)
  expect((await ask('/v0/sql_format', { q: 'selec 1' }))[0]).toBe(400)
})

test.each([
  ["SELECT 'é', 'ü'\n\u00a0\nFROM x\n  GROUP +", 4, 9],
  ['SELECT 1 WHERE (', 1, 16],
  ["SELECT 'ü' FROM\n x WHERE 'open", 2, 10],
  ['selec 1', 1, 1],
])('sql_format says where %j cannot be read', async (q, line, column) => {
  const [status, found] = await ask('/v0/sql_format', { q })
  expect([status, found]).toMatchObject([400, { line, column }])
  expect(JSON.stringify(found)).not.toMatch(/unhex|formatQuery/)
})

test('sql_replace gives the text with other tables', async () => {
  const replacements = JSON.stringify({ a: 'b', 'd.e': '(SELECT 1)' })
  expect(await ask('/v0/sql_replace', { q: 'SELECT a FROM a, d.e', replacements })).toEqual([
    200,
    { query: 'SELECT a FROM b AS `a`, (SELECT 1) AS `e`' },
  ])
})

test.each(['/v0/sql_format', '/v0/sql_tables', '/v0/sql_replace'])(
  '%s needs a token, a text, and a bounded one',
  async (path) => {
    expect((await api.call(`${path}?q=SELECT%201`, null)).status).toBe(403)
    expect((await api.call(path, token)).status).toBe(400)
    const body = new URLSearchParams({ q: `SELECT '${'x'.repeat(70_000)}'` }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await api.call(path, token, { method: 'POST', headers, body })).status).toBe(413)
  },
)
