import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { pipeId, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

let api: QueryApi
let reader: string

beforeAll(async () => {
  api = await startQueryApi({
    plain: [['n0', 'SELECT name, n FROM events ORDER BY day LIMIT 2', 'endpoint']],
    chained: [
      ['filtered', "%\nSELECT * FROM events WHERE name = {{String(name, 'a')}}", 'standard'],
      ['counted', 'SELECT count() AS c FROM filtered', 'endpoint'],
    ],
    listed: [
      [
        'n0',
        "%\nSELECT name, count() AS c FROM events WHERE name IN {{Array(names, 'String', 'a')}} GROUP BY name ORDER BY name",
        'endpoint',
      ],
    ],
    shared: [['n0', 'SELECT c + 1 AS d FROM chained', 'endpoint']],
    odd: [
      [
        'n0',
        "SELECT nan AS a, inf AS b, toDateTime(0, 'UTC') AS d, max(n) AS m FROM events",
        'endpoint',
      ],
    ],
    large: [['n0', "SELECT number, repeat('x', 100) AS t FROM numbers(30000)", 'endpoint']],
  })
  reader = await api.token(
    ...['plain', 'chained', 'listed', 'shared', 'odd', 'large'].map((name) => ({
      type: 'PIPES:READ' as const,
      resource: pipeId(name),
    })),
  )
})
afterAll(() => api.stop())

const json = async (path: string, init?: RequestInit): Promise<Record<string, unknown>> => {
  const answer = await api.call(path, reader, init)
  expect([answer.status, answer.status === 200 ? '' : await answer.clone().text()]).toEqual([
    200,
    '',
  ])
  return (await answer.json()) as Record<string, unknown>
}

test('the envelope is meta, data, rows, rows_before_limit_at_least and statistics', async () => {
  const answer = await api.call('/v0/pipes/plain.json', reader)
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
  expect(await answer.json()).toEqual({
    meta: [
      { name: 'name', type: 'String' },
      { name: 'n', type: 'UInt64' },
    ],
    data: [
      { name: 'a', n: 1 },
      { name: 'b', n: 2 },
    ],
    rows: 2,
    rows_before_limit_at_least: 3,
    statistics: {
      elapsed: expect.any(Number) as number,
      rows_read: 3,
      bytes_read: expect.any(Number) as number,
    },
  })
})

test('64-bit integers are unquoted, NaN and infinity null, times plain; a switch quotes them', async () => {
  const text = await (await api.call('/v0/pipes/odd.json', reader)).text()
  expect(text).toContain('18446744073709551615')
  expect(text).not.toContain('"18446744073709551615"')
  expect(JSON.parse(text)).toMatchObject({ data: [{ a: null, b: null, d: '1970-01-01 00:00:00' }] })
  const quoted = await (
    await api.call('/v0/pipes/odd.json?output_format_json_quote_64bit_integers=1', reader)
  ).text()
  expect(quoted).toContain('"18446744073709551615"')
})

test('a pipe is found by name or id, with a header or a query token', async () => {
  const byId = await api.call(`/v0/pipes/${pipeId('plain')}.json?token=${reader}`, null)
  expect(byId.status).toBe(200)
})

describe('parameters', () => {
  test.each([
    ['the URL', '/v0/pipes/chained.json?name=b', undefined],
    [
      'a form',
      '/v0/pipes/chained.json',
      {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'name=b',
      },
    ],
    [
      'a JSON body',
      '/v0/pipes/chained.json?from=chart',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"b"}' },
    ],
  ])('from %s reach the template', async (_, path, init) => {
    expect(await json(path, init)).toMatchObject({ data: [{ c: 1 }] })
  })

  test('defaults hold without them', async () => {
    expect(await json('/v0/pipes/chained.json')).toMatchObject({ data: [{ c: 2 }] })
    expect(await json('/v0/pipes/chained.json', { method: 'POST' })).toMatchObject({
      data: [{ c: 2 }],
    })
  })

  test.each(['names=a,b', 'names=a&names=b'])('lists come as %s', async (query) => {
    expect(await json(`/v0/pipes/listed.json?${query}`)).toMatchObject({
      data: [
        { name: 'a', c: 2 },
        { name: 'b', c: 1 },
      ],
    })
  })

  test('a value is a value, whatever it holds', async () => {
    for (const name of [
      "x' OR 1=1 --",
      "\\' OR 1=1 --",
      'a\n;DROP TABLE x',
      '“ OR 1=1',
      "'; SELECT 1 FORMAT CSV",
    ]) {
      expect(
        await json(`/v0/pipes/chained.json?name=${encodeURIComponent(name)}`),
        name,
      ).toMatchObject({ data: [{ c: 0 }] })
    }
  })
})

test('a pipe reads another one, and the caller needs a right on the first only', async () => {
  const only = await api.token({ type: 'PIPES:READ', resource: pipeId('shared') })
  const answer = await api.call('/v0/pipes/shared.json', only)
  expect(await answer.json()).toMatchObject({ data: [{ d: 3 }] })
})

test('q runs over the result, called _ or by its name', async () => {
  expect(
    await json(`/v0/pipes/plain.json?q=${encodeURIComponent('SELECT sum(n) AS s FROM _')}`),
  ).toMatchObject({ data: [{ s: 3 }] })
  expect(
    await json(
      `/v0/pipes/plain.json?q=${encodeURIComponent('SELECT count() AS c FROM plain WHERE n > 1')}`,
    ),
  ).toMatchObject({ data: [{ c: 1 }] })
})

test.each([
  ['csv', 'text/csv', '"name","n"\n"a",1\n"b",2\n'],
  ['csvwithnames', 'text/csv', '"name","n"\n"a",1\n"b",2\n'],
  ['ndjson', 'application/x-ndjson', '{"name":"a","n":1}\n{"name":"b","n":2}\n'],
])('.%s is %s', async (ending, type, text) => {
  const answer = await api.call(`/v0/pipes/plain.${ending}`, reader)
  expect([answer.headers.get('content-type'), await answer.text()]).toEqual([type, text])
})

test('.parquet is a Parquet file', async () => {
  const answer = await api.call('/v0/pipes/plain.parquet', reader)
  expect(answer.headers.get('content-type')).toBe('application/vnd.apache.parquet')
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1'])
})

test('a result over the first MiB is streamed whole', async () => {
  const body = await json('/v0/pipes/large.json')
  expect((body['data'] as unknown[]).length).toBe(30_000)
  expect(body).toMatchObject({ rows: 30_000 })
})

describe('rights', () => {
  test.each([[{ type: 'ADMIN' as const }], [{ type: 'WORKSPACE:READ_ALL' as const }]])(
    '%o reads every endpoint',
    async (scope) => {
      expect((await api.call('/v0/pipes/plain.json', await api.token(scope))).status).toBe(200)
    },
  )

  test('fixed parameters win over whatever the caller sends', async () => {
    const fixed = await api.token({
      type: 'PIPES:READ',
      resource: pipeId('chained'),
      fixedParams: { name: 'b' },
    })
    for (const [path, init] of [
      ['/v0/pipes/chained.json?name=a', {}],
      ['/v0/pipes/chained.json?name=a&name=c', {}],
      [
        '/v0/pipes/chained.json?name=a',
        { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"a"}' },
      ],
    ] as const) {
      expect(await (await api.call(path, fixed, init)).json()).toMatchObject({ data: [{ c: 1 }] })
    }
  })
})

test('a numbered deployment is read when it is named, and the live one otherwise', async () => {
  expect((await json('/v0/pipes/plain.json?__tb__deployment=1'))['rows']).toBe(2)
  const { catalog } = api.deps
  const live = await catalog.liveMap(api.workspaceId)
  const { plain, ...pipes } = live.map.pipes
  const other = {
    ...plain!,
    file: { ...plain!.file, nodes: [{ ...plain!.file.nodes[0]!, sql: 'SELECT 7 AS staged' }] },
  }
  await catalog.createDeployment({
    workspaceId: api.workspaceId,
    kind: 'deploy',
    map: { ...live.map, pipes: { ...pipes, plain: other } },
    plan: null,
    feedback: [],
  })
  await catalog.updateDeployment(api.workspaceId, 2, { status: 'data_ready' })
  expect(await json('/v0/pipes/plain.json?__tb__deployment=staging')).toMatchObject({
    data: [{ staged: 7 }],
  })
  expect(await json('/v0/pipes/plain.json')).toMatchObject({ rows: 2 })
  await catalog.updateDeployment(api.workspaceId, 2, { status: 'deleted' })
})

describe('CORS', () => {
  test('a preflight is answered for any origin, without a token', async () => {
    const answer = await api.call('/v0/pipes/plain.json', null, {
      method: 'OPTIONS',
      headers: {
        Origin: 'https://app.example',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type',
      },
    })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-headers')).toBe('authorization,content-type')
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
  })

  test('answers and errors are open to any origin', async () => {
    for (const [path, token] of [
      ['/v0/pipes/plain.json', reader],
      ['/v0/pipes/plain.json', null],
      ['/v0/pipes/none.json', reader],
    ] as const) {
      expect((await api.call(path, token)).headers.get('access-control-allow-origin'), path).toBe(
        '*',
      )
    }
  })
})
