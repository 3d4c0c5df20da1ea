import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { EVENTS_ID, pipeId, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi({
    top: [
      ['n0', 'SELECT name, count() AS c FROM events GROUP BY name ORDER BY c DESC', 'endpoint'],
    ],
  })
})
afterAll(() => api.stop())

const q = (sql: string): string => `/v0/sql?q=${encodeURIComponent(sql)}`
const SQL = 'SELECT count() AS c FROM events'

describe('SQL arrives', () => {
  test.each([
    ['in the URL', q(SQL), {}],
    [
      'as text',
      '/v0/sql',
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: SQL },
    ],
    [
      'as text without a type',
      '/v0/sql',
      { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: SQL },
    ],
    [
      'in a form',
      '/v0/sql',
      {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ q: SQL }).toString(),
      },
    ],
    [
      'as text that is called a form, which is what curl -d does',
      '/v0/sql',
      {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `${SQL} WHERE '+' = '+' AND 1=1`,
      },
    ],
    [
      'as JSON',
      '/v0/sql',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ q: SQL }),
      },
    ],
  ])('%s', async (_, path, init) => {
    const answer = await api.call(path, api.adminToken, init)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(await answer.json()).toMatchObject({
      meta: [{ name: 'c', type: 'UInt64' }],
      data: [{ c: 3 }],
      rows: 1,
    })
  })
})

test.each([
  ['JSON', 'application/json', /^\{/],
  ['CSV', 'text/csv', /^"a"\n/],
  ['CSVWithNames', 'text/csv', /^"name"\n"a"\n/],
  ['JSONEachRow', 'application/x-ndjson', /^\{"name":"a"\}\n/],
  ['TSV', 'text/tab-separated-values; charset=utf-8', /^a\n/],
  ['TSVWithNames', 'text/tab-separated-values; charset=utf-8', /^name\na\n/],
  ['PrettyCompact', 'text/plain; charset=utf-8', /name/],
  ['Parquet', 'application/vnd.apache.parquet', /^PAR1/],
])('FORMAT %s decides the output', async (format, type, text) => {
  const answer = await api.call(
    q(`SELECT name FROM events ORDER BY day LIMIT 1 FORMAT ${format};`),
    api.adminToken,
  )
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type])
  expect(await answer.text()).toMatch(text)
})

test('pipes, quarantine-free names, CTEs and joins are tables', async () => {
  const sql =
    'WITH t AS (SELECT * FROM top) SELECT t.name, e.n FROM t JOIN events AS e ON e.name = t.name ORDER BY e.day LIMIT 1'
  expect(await (await api.call(q(sql), api.adminToken)).json()).toMatchObject({
    data: [{ name: 'a', n: 1 }],
  })
})

test('a template takes parameters from the query', async () => {
  const path = `${q("% SELECT count() AS c FROM events WHERE name = {{String(who, 'x')}}")}&who=b`
  expect(await (await api.call(path, api.adminToken)).json()).toMatchObject({ data: [{ c: 1 }] })
})

test('pipeline makes _ stand for a pipe', async () => {
  const answer = await api.call(`${q('SELECT sum(c) AS s FROM _')}&pipeline=top`, api.adminToken)
  expect(await answer.json()).toMatchObject({ data: [{ s: 3 }] })
})

describe('rights', () => {
  test('DATASOURCES:READ reads its data source, PIPES:READ its pipe', async () => {
    const token = await api.token(
      { type: 'DATASOURCES:READ', resource: EVENTS_ID },
      { type: 'PIPES:READ', resource: pipeId('top') },
    )
    expect((await api.call(q('SELECT * FROM events'), token)).status).toBe(200)
    expect((await api.call(q('SELECT * FROM top'), token)).status).toBe(200)
  })

  test('a filter holds in joins, CTEs, subqueries, IN and under shadowing names', async () => {
    const token = await api.token({
      type: 'DATASOURCES:READ',
      resource: EVENTS_ID,
      filter: "name = 'b'",
    })
    for (const sql of [
      'SELECT count() AS c FROM events',
      'WITH e AS (SELECT * FROM events) SELECT count() AS c FROM e',
      "SELECT count() AS c FROM (SELECT 'b' AS name, day FROM events)",
      'SELECT count() AS c FROM events AS x JOIN events AS y ON x.day = y.day',
      "SELECT count() AS c FROM numbers(1) WHERE 'b' IN (SELECT name FROM events) AND 'a' NOT IN (SELECT name FROM events)",
      'SELECT count() AS c FROM events WHERE 1 OR 1',
    ]) {
      expect(await (await api.call(q(sql), token)).json(), sql).toMatchObject({ data: [{ c: 1 }] })
    }
  })
})
