// What an endpoint's answer is beside its rows: other forms, the plan, kept answers, its cost, its description; and to whom.
import { createHmac, randomUUID } from 'node:crypto'

import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { EVENTS_ID, pipeId, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

let api: QueryApi
let reader: string
let admin: string

const METRICS = `SELECT 'visits_total' AS name, toUInt64(18446744073709551615) AS value, 'All \\\\ visits' AS help, 'counter' AS type, map('page', 'a"b') AS labels
  UNION ALL SELECT 'up', 1, '', '', map('page', '')`
const ORG =
  "%\nSELECT count() AS c FROM events WHERE name = {{String(org, 'a', description='Whose rows')}}"

beforeAll(async () => {
  api = await startQueryApi({
    metrics: [['n0', `SELECT * FROM (${METRICS}) ORDER BY name DESC`, 'endpoint']],
    unmetric: [['n0', "SELECT 'not a name' AS name, 1 AS value", 'endpoint']],
    wide: [
      [
        'n0',
        "SELECT 'x' AS name, number AS value, repeat('y', 500) AS help FROM numbers(10000)",
        'endpoint',
      ],
    ],
    states: [
      [
        'n0',
        'SELECT name, sumState(n) AS s, uniqState(n) AS u FROM events GROUP BY name ORDER BY name',
        'endpoint',
      ],
    ],
    plain: [['n0', 'SELECT name FROM events ORDER BY day', 'endpoint']],
    kept: [['n0', `${ORG} {{cache_ttl('1h')}}`, 'endpoint']],
    open: [
      [
        'n0',
        "%{{cache_ttl('1h')}}\nSELECT count() AS c FROM events WHERE name = {{String(org, 'a')}}",
        'endpoint',
      ],
    ],
    broken: [['n0', "%{{cache_ttl('1h')}}\nSELECT toUInt8('x') AS c", 'endpoint']],
    unfinished: [['n0', 'SELECT 1', 'standard']],
    ranked: [
      [
        'n0',
        "%\nSELECT day, name {% if String(rank, 'guest') == 'boss' %}, n AS pay {% end %} FROM events",
        'endpoint',
      ],
    ],
  })
  admin = api.adminToken
  reader = await api.token(
    ...[
      'metrics',
      'unmetric',
      'wide',
      'states',
      'plain',
      'kept',
      'open',
      'broken',
      'unfinished',
    ].map((name) => ({
      type: 'PIPES:READ' as const,
      resource: pipeId(name),
    })),
  )
})
afterAll(() => api.stop())

/** A JWT as third parties sign it; each has a name of its own. */
function jwt(...scopes: object[]): string {
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    ...{ workspace_id: api.workspaceId, name: randomUUID(), exp: 4_000_000_000, scopes },
  }
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${text}.${createHmac('sha256', admin).update(text).digest('base64url')}`
}

const of = (org: string): string =>
  jwt({ type: 'PIPES:READ', resource: 'kept', fixed_params: { org } })

describe('.prometheus', () => {
  const text = 'up{page=""} 1\n'
  const visits =
    '# HELP visits_total All \\\\ visits\n# TYPE visits_total counter\nvisits_total{page="a\\"b"} 18446744073709551615\n'

  test('is the text that scrapers read, by GET and POST, and as FORMAT of q and SQL', async () => {
    const answer = await api.call('/v0/pipes/metrics.prometheus', reader)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    expect(await answer.text()).toBe(`${visits}\n${text}`)
    const posted = await api.call('/v0/pipes/metrics.prometheus', reader, { method: 'POST' })
    expect(await posted.text()).toBe(`${visits}\n${text}`)
    const q = encodeURIComponent("SELECT * FROM _ WHERE name = 'up' FORMAT Prometheus")
    expect(await (await api.call(`/v0/pipes/metrics.json?q=${q}`, reader)).text()).toBe(text)
    const sql = "SELECT * FROM metrics WHERE name = 'up' FORMAT Prometheus"
    const free = await api.call('/v0/sql', reader, { method: 'POST', body: sql })
    expect(await free.text()).toBe(text)
  })

  test('is refused for rows that are no metrics, and for too many', async () => {
    for (const [pipe, message] of [
      ['unmetric', 'is not a metric name'],
      ['plain', "The column 'value' is missing"],
      ['wide', 'more than 4194304 bytes'],
    ] as const) {
      const answer = await api.call(`/v0/pipes/${pipe}.prometheus`, reader)
      expect([answer.status, await answer.text()], pipe).toEqual([
        400,
        expect.stringContaining(message),
      ])
    }
  })
})

test('finalize_aggregations gives the values of states, in any format, and leaves other columns', async () => {
  const answer = await api.call('/v0/pipes/states.json?finalize_aggregations=true', reader)
  expect(await answer.json()).toMatchObject({
    meta: [{ name: 'name' }, { name: 's', type: 'UInt64' }, { name: 'u', type: 'UInt64' }],
    data: [
      { name: 'a', u: 2 },
      { name: 'b', s: 2, u: 1 },
    ],
  })
  const csv = await api.call('/v0/pipes/states.csv?finalize_aggregations=1', reader)
  expect((await csv.text()).split('\n')[2]).toBe('"b",2,1')
  const plain = await api.call('/v0/pipes/plain.csv?finalize_aggregations=1', reader)
  expect(await plain.text()).toBe('"name"\n"a"\n"b"\n"a"\n')
})

describe('the plan', () => {
  test.each(['/v0/pipes/kept/explain?org=b', '/v0/pipes/kept.json?explain=true&org=b'])(
    '%s shows the query and its plan in the names of the user',
    async (path) => {
      const answer = await api.call(path, admin)
      const body = (await answer.json()) as Record<string, string>
      expect([answer.status, Object.keys(body)]).toEqual([200, ['debug_query', 'query_explain']])
      expect(body['debug_query']).toContain("FROM events AS `events` WHERE name = 'b'")
      expect(body['query_explain']).toContain('ReadFromMergeTree (events)')
      expect(JSON.stringify(body)).not.toMatch(/t_[0-9a-f]{32}|ws_[0-9a-f]{32}/)
    },
  )

  test('of SQL is the same', async () => {
    const answer = await api.call('/v0/sql?explain=1&q=SELECT%20n%20FROM%20events', admin)
    expect(await answer.json()).toMatchObject({
      query_explain: expect.stringContaining('(events)') as string,
    })
  })

  test('is for tokens that see the whole workspace: others learn nothing of what stands behind', async () => {
    const all = await api.token({ type: 'WORKSPACE:READ_ALL' })
    expect((await api.call('/v0/pipes/kept/explain', all)).status).toBe(200)
    const filtered = await api.token({
      ...{ type: 'DATASOURCES:READ', resource: EVENTS_ID, filter: "name = 'a'" },
    })
    for (const [path, token] of [
      ['/v0/pipes/kept/explain', reader],
      ['/v0/pipes/kept.json?explain=true', reader],
      ['/v0/pipes/kept/explain', of('a')],
      ['/v0/sql?explain=true&q=SELECT%201%20FROM%20events', filtered],
      ['/v0/sql?explain=true&q=SELECT%201%20FROM%20kept', reader],
    ] as const) {
      const answer = await api.call(path, token)
      expect([answer.status, await answer.text()], path).toEqual([
        403,
        expect.not.stringMatching(/events|ReadFrom/),
      ])
    }
    const service = '/v0/sql?explain=1&q=SELECT%201%20FROM%20tinybird.pipe_stats_rt'
    expect((await api.call(service, admin)).status).toBe(400)
  })
})

describe('a kept answer', () => {
  async function seen(path: string, token: string): Promise<[string | null, unknown]> {
    const answer = await api.call(path, token)
    const text = await answer.text()
    const body = text.startsWith('{') ? (JSON.parse(text) as { data: unknown }).data : text
    return [answer.headers.get('x-cache'), body]
  }

  test('is told by X-Cache and Age, per value of a parameter and format', async () => {
    expect(await seen('/v0/pipes/kept.json', reader)).toEqual(['MISS', [{ c: 2 }]])
    expect(await seen('/v0/pipes/kept.json', reader)).toEqual(['HIT', [{ c: 2 }]])
    expect(await seen('/v0/pipes/kept.json?org=a&from=ts-sdk', reader)).toEqual(['HIT', [{ c: 2 }]])
    expect(await seen('/v0/pipes/kept.json?org=b', reader)).toEqual(['MISS', [{ c: 1 }]])
    expect(await seen('/v0/pipes/kept.csv', reader)).toEqual(['MISS', '"c"\n2\n'])
    const hit = await api.call('/v0/pipes/kept.json', reader)
    expect(hit.headers.get('age')).toMatch(/^\d+$/)
    expect(hit.headers.get('x-request-id')).toMatch(/^[0-9A-Z]{26}$/)
  })

  test('is never shared by tokens of other rights: fixed parameters, filters, kinds of scope', async () => {
    const [a, b, again] = [of('a'), of('b'), of('a')]
    expect(await seen('/v0/pipes/kept.json?org=b', a)).toEqual(['MISS', [{ c: 2 }]])
    expect(await seen('/v0/pipes/kept.json?org=a', b)).toEqual(['MISS', [{ c: 1 }]])
    expect(await seen('/v0/pipes/kept.json?org=a', b)).toEqual(['HIT', [{ c: 1 }]])
    // The same rights under another name may share.
    expect(await seen('/v0/pipes/kept.json', again)).toEqual(['HIT', [{ c: 2 }]])
    for (const filter of ["name = 'a'", "name = 'b'"]) {
      const token = jwt(
        { type: 'PIPES:READ', resource: 'open' },
        { type: 'DATASOURCES:READ', resource: 'events', filter },
      )
      expect(await seen('/v0/pipes/open.json', token)).toEqual(['MISS', [{ c: 2 }]])
    }
    expect(await seen('/v0/pipes/open.json', admin)).toEqual(['MISS', [{ c: 2 }]])
  })

  test('is not made of failures, SQL of the caller, or endpoints that ask for none', async () => {
    for (const path of [
      '/v0/pipes/broken.json',
      '/v0/pipes/kept.json?q=SELECT%20c%20FROM%20_',
      '/v0/pipes/plain.json',
    ]) {
      for (const round of [1, 2])
        expect((await api.call(path, reader)).headers.get('x-cache'), `${path} ${round}`).not.toBe(
          'HIT',
        )
    }
  })

  test('goes with the deployment it was made of', async () => {
    const { catalog } = api.deps
    await seen('/v0/pipes/open.json?org=b', reader)
    const { map } = await catalog.liveMap(api.workspaceId)
    const about = {
      workspaceId: api.workspaceId,
      kind: 'deploy',
      plan: null,
      feedback: [],
    } as const
    const { number } = await catalog.createDeployment({ ...about, map })
    await catalog.promote(api.workspaceId, number)
    expect(await seen('/v0/pipes/open.json?org=b', reader)).toEqual(['MISS', [{ c: 1 }]])
    expect(api.deps.resultCache?.counters.replaced).toBeGreaterThan(0)
  })

  test('made for many at once is one query', async () => {
    const before = { ...api.deps.resultCache?.counters }
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => seen('/v0/pipes/open.json?org=nobody', reader)),
    )
    expect(answers.map(([, data]) => data)).toEqual(Array(8).fill([{ c: 0 }]))
    expect(answers.filter(([state]) => state === 'MISS')).toHaveLength(1)
    expect(api.deps.resultCache?.counters.misses).toBe(Number(before.misses) + 1)
  })
})

describe('the cost', () => {
  test('stands in a header and in the statistics', async () => {
    const answer = await api.call('/v0/pipes/plain.json', reader)
    const { statistics } = (await answer.json()) as { statistics: Record<string, number> }
    const told = JSON.parse(answer.headers.get('x-db-statistics') ?? '') as Record<string, number>
    expect(told).toEqual({
      elapsed: expect.any(Number) as number,
      rows_read: 3,
      bytes_read: statistics['bytes_read'],
    })
    const exposed = answer.headers.get('access-control-expose-headers') ?? ''
    for (const name of ['X-Request-Id', 'X-DB-Statistics', 'X-Cache', 'Age', 'X-RateLimit-Limit'])
      expect(exposed).toContain(name)
    expect([answer.headers.get('vary'), answer.headers.get('cache-control')]).toEqual([
      'Authorization',
      'no-store',
    ])
  })

  test('is hidden from tokens that see some rows only, kept or not, endpoint or SQL', async () => {
    const filtered = await api.token({
      ...{ type: 'DATASOURCES:READ', resource: EVENTS_ID, filter: "name = 'a'" },
    })
    const fixed = of('a')
    for (const [path, token] of [
      ['/v0/pipes/kept.json', fixed],
      ['/v0/pipes/kept.json', fixed],
      ["/v0/sql?q=SELECT count() AS c FROM events WHERE name = 'b'", filtered],
      ['/v0/sql?q=SELECT count() AS c FROM events FORMAT JSONCompact', filtered],
    ] as const) {
      const answer = await api.call(path, token)
      const text = await answer.text()
      expect([answer.status, answer.headers.get('x-db-statistics')], path).toEqual([200, null])
      expect(Object.keys(JSON.parse(text) as object), path).toEqual(['meta', 'data', 'rows'])
      expect(text).not.toMatch(/rows_read|bytes_read|elapsed/)
    }
  })
})

describe('the OpenAPI document', () => {
  async function document(token: string): Promise<Record<string, Record<string, unknown>>> {
    const answer = await api.call('/v0/pipes/openapi.json', token)
    expect(answer.status).toBe(200)
    return (await answer.json()) as Record<string, Record<string, unknown>>
  }
  const pipesIn = (found: Record<string, Record<string, unknown>>): string[] =>
    Object.keys(found['paths'] ?? {}).flatMap((path) => /pipes\/(\w+)\.json$/.exec(path)?.[1] ?? [])

  test('is valid, and holds the endpoints of the token alone', async () => {
    const mine = await document(reader)
    expect((await new Validator().validate(mine)).valid).toBe(true)
    expect(pipesIn(mine)).toEqual([
      'metrics',
      'unmetric',
      'wide',
      'states',
      'plain',
      'kept',
      'open',
      'broken',
    ])
    expect(pipesIn(await document(of('a')))).toEqual(['kept'])
    expect(JSON.stringify(await document(of('a')))).not.toMatch(/events|unmetric|t_6f/)
    const none = await api.token({ type: 'DATASOURCES:READ', resource: EVENTS_ID })
    expect(pipesIn(await document(none))).toEqual([])
    expect((await api.call('/v0/pipes/openapi.json', null)).status).toBe(403)
  })

  test('holds the columns of each result, and those of a caller alone', async () => {
    const rowOf = async (name: string, token: string): Promise<unknown> => {
      const { components } = await document(token)
      return (components?.['schemas'] as Record<string, unknown>)[`${pipeId(name)}.Row`]
    }
    const n = { type: 'integer', format: 'int64', 'x-clickhouse-type': 'UInt64' }
    expect(await rowOf('kept', reader)).toEqual({
      ...{ type: 'object', properties: { c: n }, required: ['c'] },
    })
    expect(await rowOf('broken', reader)).toBeUndefined()
    const ranked = (rank: string): Promise<unknown> =>
      rowOf('ranked', jwt({ type: 'PIPES:READ', resource: 'ranked', fixed_params: { rank } }))
    expect(await ranked('boss')).toMatchObject({ required: ['day', 'name', 'pay'] })
    expect(await ranked('guest')).toMatchObject({ required: ['day', 'name'] })
    expect(await ranked('boss')).toMatchObject({ required: ['day', 'name', 'pay'] })
  })

  test('leaves out the parameters that the token fixes', async () => {
    expect(JSON.stringify(await document(admin))).toContain('Whose rows')
    expect(JSON.stringify(await document(of('a')))).not.toContain('Whose rows')
  })
})

test('/examples/query.http is the URL of an endpoint with its defaults, for those who may call it', async () => {
  const ask = async (query: string, token: string): Promise<[number, string]> => {
    const answer = await api.call(`/examples/query.http?${query}&token=${token}`, null)
    expect(answer.headers.get('content-type')).toMatch(/^(?:text\/plain|application\/json)/)
    return [answer.status, await answer.text()]
  }
  const [status, url] = await ask('pipe=kept&format=csv', reader)
  expect([status, url]).toEqual([200, `http://localhost/v0/pipes/kept.csv?org=a&token=${reader}`])
  const { pathname, search } = new URL(url)
  expect(await (await api.call(pathname + search, null)).text()).toBe('"c"\n2\n')
  expect((await ask('pipe=kept', of('b')))[1]).not.toContain('org=')
  expect((await ask('q=SELECT%201', reader))[1]).toContain('/v0/sql?q=SELECT+1&token=')
  expect((await ask('pipe=plain', of('b')))[0]).toBe(403)
  expect((await ask('pipe=nosuch', reader))[0]).toBe(403)
  expect((await ask('pipe=kept&format=html', reader))[0]).toBe(400)
})

test('options that change nothing are taken, and may be parameters of a template', async () => {
  const query = 'debug=query&query_id=mine&tag=a&template_parameters=b&release_replacements=true'
  const answer = await api.call(`/v0/pipes/plain.csv?${query}&playground=x&pipeline=y`, reader)
  expect(await answer.text()).toBe('"name"\n"a"\n"b"\n"a"\n')
  expect(answer.headers.get('x-request-id')).not.toBe('mine')
})
