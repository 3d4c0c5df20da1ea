import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { EVENTS_ID, pipeId, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi({
    top: [
      ['n0', 'SELECT name, count() AS c FROM events GROUP BY name ORDER BY c DESC', 'endpoint'],
    ],
    mine: [
      ['everything', 'SELECT name, n FROM events', 'standard'],
      ['n0', "%\nSELECT n FROM everything WHERE name = {{String(org, 'a')}}", 'endpoint'],
    ],
    also: [['n0', "%\nSELECT {{String(org, 'none')}} AS org", 'endpoint']],
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

test('pipeline makes its nodes tables for those who see everything, beside what else they read', async () => {
  const ask = async (sql: string, token: string): Promise<[number, string]> => {
    const answer = await api.call(`${q(`${sql} FORMAT CSV`)}&pipeline=mine&org=b`, token)
    return [answer.status, await answer.text()]
  }
  const all = 'SELECT count() FROM everything'
  expect(await ask(all, api.adminToken)).toEqual([200, '3\n'])
  expect(await ask('SELECT (SELECT count() FROM _), count() FROM events', api.adminToken)).toEqual([
    200,
    '1,3\n',
  ])
  // A node shows more than its pipe publishes.
  const reader = await api.token({ type: 'PIPES:READ', resource: pipeId('mine') })
  expect(await ask('SELECT count() FROM _', reader)).toEqual([200, '1\n'])
  const [status, body] = await ask(all, reader)
  expect([status, body]).toEqual([
    403,
    (await ask('SELECT 1 FROM nosuch', reader))[1].replace('nosuch', 'everything'),
  ])
})

test('playground is refused clearly, release_replacements is ignored', async () => {
  const answer = await api.call(`${q('SELECT 1')}&playground=t_1`, api.adminToken)
  expect([answer.status, await answer.text()]).toEqual([
    400,
    expect.stringContaining('no playgrounds'),
  ])
  const plain = await api.call(
    `${q('SELECT 1')}&playground=&release_replacements=true`,
    api.adminToken,
  )
  expect(plain.status).toBe(200)
})

describe('parameters that a token fixes', () => {
  const fixed = (...all: [string, Record<string, unknown>][]): Promise<string> =>
    api.token(
      ...all.map(([pipe, fixedParams]) => ({
        ...({ type: 'PIPES:READ', resource: pipeId(pipe) } as const),
        fixedParams,
      })),
    )

  test('hold in SQL over the pipe, by its name, pipeline and template, however they are sent', async () => {
    const token = await fixed(['mine', { org: 'b' }])
    for (const path of [
      `${q('SELECT n FROM mine FORMAT CSV')}&org=a`,
      `${q('SELECT n FROM mine FORMAT CSV')}&org=a&org=c`,
      `${q('SELECT n FROM _ FORMAT CSV')}&org=a&pipeline=mine`,
      `${q("% {% set org = 'a' %} SELECT n FROM mine FORMAT CSV")}&org=a`,
      `${q('WITH x AS (SELECT * FROM mine) SELECT n FROM x FORMAT CSV')}&org=a`,
    ])
      expect(await (await api.call(path, token)).text(), path).toBe('2\n')
    const body = JSON.stringify({ q: 'SELECT n FROM mine FORMAT CSV', org: 'a' })
    const headers = { 'content-type': 'application/json' }
    const posted = await api.call('/v0/sql', token, { method: 'POST', headers, body })
    expect(await posted.text()).toBe('2\n')
  })

  test('to different values for different pipes refuse SQL', async () => {
    const token = await fixed(['mine', { org: 'b' }], ['also', { org: 'a' }])
    expect((await api.call(q('SELECT * FROM also'), token)).status).toBe(400)
    const same = await fixed(['mine', { org: 'b' }], ['also', { org: 'b' }])
    const answer = await api.call(`${q('SELECT org FROM also FORMAT CSV')}&org=a`, same)
    expect(await answer.text()).toBe('"b"\n')
  })
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
