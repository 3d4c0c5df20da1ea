// What a JWT shows on endpoints and SQL: fixed parameters, filters, limits, and their end. Attacks 16 to 19, 25 and 39.
import { createHmac, randomUUID } from 'node:crypto'

import { plainDataSource } from '@sandpiper/datafile'
import { tableName } from '@sandpiper/deployment'
import { quoteIdentifier } from '@sandpiper/sql'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { EVENTS_ID, pipeId, startQueryApi, type QueryApi } from '../testing/start-query-api.ts'

let api: QueryApi

const TENANTS = ['a', 'b', 'c'] as const

/** Rows of three tenants; `secret` stands in rows that most tokens here may not see. */
const ROWS = `SELECT number AS id, ['a', 'b', 'c'][number % 3 + 1] AS tenant, number % 7 AS n,
  if(tenant = 'a', 'open', concat('secret of ', tenant)) AS note FROM numbers(300)`

const OF_TENANT = "% SELECT tenant, n FROM events WHERE tenant = {{String(tenant, 'c')}}"

beforeAll(async () => {
  api = await startQueryApi({
    by_tenant: [
      ['base', OF_TENANT, 'standard'],
      ['out', 'SELECT tenant, count() AS c FROM base GROUP BY tenant', 'endpoint'],
    ],
    // Reads the other, and has a parameter of its own.
    wide: [
      [
        'out',
        "% SELECT tenant, c, {{String(label, 'none')}} AS label FROM by_tenant WHERE c > {{Int32(least, 0)}}",
        'endpoint',
      ],
    ],
    by_kind: [['out', "% SELECT {{String(tenant, 'c')}} AS kind", 'endpoint']],
    setter: [
      [
        'out',
        "% {% set tenant = 'b' %} SELECT {{tenant}} AS told, tenant FROM by_tenant",
        'endpoint',
      ],
    ],
    plain: [['out', 'SELECT count() AS c FROM events', 'endpoint']],
  })
  const { command } = api.deps.clickhouse
  const table = `${api.database}.${tableName(EVENTS_ID, 1)}`
  await command({ sql: `DROP TABLE ${table} SYNC` })
  await command({
    sql: `CREATE TABLE ${table} (id UInt64, tenant String, n UInt64, note String)
      ENGINE = ReplacingMergeTree ORDER BY id SETTINGS min_bytes_for_wide_part = 0, index_granularity = 16`,
  })
  await command({ sql: `INSERT INTO ${table} ${ROWS}` })
  await promoteColumns({ id: 'UInt64', tenant: 'String', n: 'UInt64', note: 'String' })
})

/** Tells the deployment of the columns that the table has now. */
async function promoteColumns(types: Readonly<Record<string, string>>): Promise<void> {
  const { catalog } = api.deps
  const { workspaceId } = api
  const { map } = await catalog.liveMap(workspaceId)
  const events = map.dataSources['events']!
  const columns = Object.entries(types).map(([name, type]) => ({
    ...{ name, type, jsonPath: `$.${name}` },
    ...{ default: null, codec: null },
  }))
  const file = plainDataSource('events', columns)
  const dataSources = {
    ...map.dataSources,
    events: { ...events, schemaVersion: events.schemaVersion + 1, file },
  }
  const about = { workspaceId, kind: 'deploy', plan: null, feedback: [] } as const
  const { number } = await catalog.createDeployment({ ...about, map: { ...map, dataSources } })
  await catalog.promote(workspaceId, number)
}
afterAll(() => api.stop())

type JwtScope = Readonly<Record<string, unknown>>

/** Signed as third parties do it. */
function jwt(scopes: readonly JwtScope[], more: Record<string, unknown> = {}): string {
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url')
  const exp = Math.floor(Date.now() / 1_000) + 600
  const claims = {
    workspace_id: api.workspaceId,
    name: `jwt ${randomUUID()}`,
    exp,
    scopes,
    ...more,
  }
  const text = `${encode({ alg: 'HS256' })}.${encode(claims)}`
  return `${text}.${createHmac('sha256', api.adminToken).update(text).digest('base64url')}`
}

const reads = (resource: string, fixed_params?: object): JwtScope => ({
  ...{ type: 'PIPES:READ', resource },
  ...(fixed_params === undefined ? {} : { fixed_params }),
})
const rows = (filter?: string): JwtScope => ({
  ...{ type: 'DATASOURCES:READ', resource: 'events' },
  ...(filter === undefined ? {} : { filter }),
})

interface Told {
  readonly status: number
  readonly text: string
  readonly data: Record<string, unknown>[]
}

async function told(path: string, token: string, init: RequestInit = {}): Promise<Told> {
  const answer = await api.call(path, token, init)
  const text = await answer.text()
  const isJson = answer.headers.get('Content-Type')?.startsWith('application/json') === true
  const body = isJson ? (JSON.parse(text) as { data?: Told['data'] }) : {}
  return { status: answer.status, text, data: body.data ?? [] }
}

const ask = (sql: string, token: string, more = ''): Promise<Told> =>
  told(`/v0/sql?q=${encodeURIComponent(sql)}${more}`, token)
const tenantsIn = ({ data }: Told): unknown[] => [...new Set(data.map((row) => row['tenant']))]

describe('a fixed parameter', () => {
  test('stands, by name and by id of the pipe, and reaches what the pipe reads', async () => {
    for (const resource of ['by_tenant', pipeId('by_tenant')]) {
      const token = jwt([reads(resource, { tenant: 'a' })])
      expect((await told('/v0/pipes/by_tenant.json', token)).data).toEqual([
        { tenant: 'a', c: 100 },
      ])
      expect(tenantsIn(await told(`/v0/pipes/${pipeId('by_tenant')}.json`, token))).toEqual(['a'])
    }
    const token = jwt([reads('wide', { tenant: 'a' })])
    expect(tenantsIn(await told('/v0/pipes/wide.json?tenant=b', token))).toEqual(['a'])
    const other = await told('/v0/pipes/wide.json?label=mine&least=5', token)
    expect(other.data).toEqual([{ tenant: 'a', c: 100, label: 'mine' }])
  })

  test('is not moved by any spelling of the caller', async () => {
    const token = jwt([reads('by_tenant', { tenant: 'a' }), reads('wide', { tenant: 'a' })])
    const name = fc.constantFrom(
      ...[
        'tenant',
        'Tenant',
        'TENANT',
        ' tenant',
        'tenant ',
        'tenant[]',
        'tenant.0',
        'param_tenant',
      ],
      ...['t%65nant', '__proto__[tenant]', 'constructor.tenant', 'template_parameters', 'params'],
    )
    const value = fc.constantFrom<unknown>(
      ...[
        'b',
        "b' OR '1'='1",
        "a','b",
        "b\\'",
        'b,a',
        ['b', 'a'],
        { tenant: 'b' },
        null,
        0,
        true,
        '',
      ],
    )
    const pairs = fc.array(fc.tuple(name, value), { maxLength: 4 })
    const place = fc.constantFrom('query', 'form', 'json', 'both')
    const pipe = fc.constantFrom('by_tenant', 'wide')
    const q = fc.constantFrom('', 'SELECT * FROM _', "SELECT * FROM _ WHERE tenant != 'a'")
    await fc.assert(
      fc.asyncProperty(pairs, place, pipe, q, async (sent, where, asked, sql) => {
        const form = new URLSearchParams(
          sent.flatMap(([key, each]) =>
            (Array.isArray(each) ? each : [each]).map((one): [string, string] => [
              key,
              typeof one === 'string' ? one : JSON.stringify(one),
            ]),
          ),
        )
        if (sql !== '') form.append('q', sql)
        const inUrl = where === 'query' || where === 'both' ? `?${form.toString()}` : ''
        const body = where === 'json' ? JSON.stringify(Object.fromEntries(sent)) : form.toString()
        const type = where === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'
        const init =
          where === 'query' ? {} : { method: 'POST', body, headers: { 'Content-Type': type } }
        const answer = await told(`/v0/pipes/${asked}.json${inUrl}`, token, init)
        expect(answer.text).not.toContain('secret')
        for (const tenant of tenantsIn(answer)) expect(tenant).toBe('a')
        expect([200, 400]).toContain(answer.status)
      }),
      { numRuns: 40 },
    )
  })

  test('stands when the endpoint is read in SQL, by pipeline, or in a template of the caller', async () => {
    const token = jwt([reads('by_tenant', { tenant: 'a' })])
    for (const [sql, more] of [
      ['SELECT * FROM by_tenant', '&tenant=b'],
      ['SELECT * FROM _', '&pipeline=by_tenant&tenant=b'],
      ['SELECT * FROM by_tenant', '&pipeline=by_tenant&tenant=b'],
      ["% {% set tenant = 'b' %} SELECT * FROM by_tenant", '&tenant=b'],
      ['WITH x AS (SELECT * FROM by_tenant) SELECT x.tenant AS tenant FROM x, by_tenant', ''],
    ] as const) {
      const answer = await ask(sql, token, more)
      expect([answer.status, tenantsIn(answer)], `${sql}: ${answer.text}`).toEqual([200, ['a']])
    }
    const posted = await told('/v0/sql', token, {
      method: 'POST',
      body: JSON.stringify({ q: 'SELECT * FROM by_tenant', tenant: 'b' }),
      headers: { 'Content-Type': 'application/json' },
    })
    expect(tenantsIn(posted)).toEqual(['a'])
  })

  test('is not met by SQL over another endpoint of the token: that reads the endpoint alone', async () => {
    const token = jwt([reads('plain'), reads('by_tenant', { tenant: 'a' })])
    const q = encodeURIComponent('SELECT tenant, _.c AS n FROM by_tenant, _')
    const answer = await told(`/v0/pipes/plain.json?tenant=b&q=${q}`, token)
    expect([answer.status, answer.data]).toEqual([400, []])
  })

  test("stands against a pipe's own set, where it reads another pipe", async () => {
    const token = jwt([reads('setter', { tenant: 'a' })])
    expect(tenantsIn(await told('/v0/pipes/setter.json', token))).toEqual(['a'])
  })

  test('of two pipes that fix one name differently holds for each endpoint, and SQL over both is refused', async () => {
    const token = jwt([reads('by_tenant', { tenant: 'a' }), reads('by_kind', { tenant: 'k' })])
    expect(tenantsIn(await told('/v0/pipes/by_tenant.json?tenant=b', token))).toEqual(['a'])
    expect((await told('/v0/pipes/by_kind.json?tenant=b', token)).data).toEqual([{ kind: 'k' }])
    const both = await ask('SELECT tenant, kind FROM by_tenant, by_kind', token)
    expect([both.status, both.data]).toEqual([400, []])
  })

  test('that the pipe does not declare restricts nothing there, and is logged without its value', async () => {
    const warned: unknown[] = []
    const logger = {
      ...api.deps.logger,
      warn: (about: unknown) => warned.push(about),
    } as unknown as QueryApi['deps']['logger']
    const { createApiApp } = await import('../app.ts')
    const { queryRoutes } = await import('../routes/query-routes.ts')
    const app = createApiApp({ ...api.deps, logger }, [queryRoutes])
    const token = jwt([reads('plain', { tenant: 'a', hush: 'value of it' })], { name: 'odd' })
    for (let n = 0; n < 3; n += 1) {
      const answer = await app.request(`/v0/pipes/plain.json?token=${token}`)
      expect(await answer.json()).toMatchObject({ data: [{ c: 300 }] })
    }
    expect(warned).toEqual([
      expect.objectContaining({ pipe: 'plain', tokenName: 'odd', unused: ['tenant', 'hush'] }),
    ])
    expect(JSON.stringify(warned)).not.toContain('value of it')
  })

  test('is no key to another pipe, to its sources, to their quarantine, nor to a plan', async () => {
    const token = jwt([reads('by_tenant', { tenant: 'a' })])
    const refused = [
      await told('/v0/pipes/plain.json', token),
      await told('/v0/pipes/absent.json', token),
      await ask('SELECT * FROM events', token),
      await ask('SELECT * FROM events_quarantine', token),
      await ask('SELECT * FROM plain', token),
      await ask('SELECT 1 FROM _', token, '&pipeline=plain'),
      await told('/v0/pipes/by_tenant.json?explain=true', token),
    ]
    expect(refused.map(({ status }) => status)).toEqual(Array(7).fill(403))
    expect(refused.map(({ text }) => text).join()).not.toMatch(/secret|ws_|t_[0-9a-f]{32}_/)
  })
})

describe('a filter', () => {
  const MODEL = Array.from({ length: 300 }, (_, id) => ({
    ...{ id, tenant: TENANTS[id % 3] ?? 'a', n: id % 7 },
  }))
  type Row = (typeof MODEL)[number]

  /** Conditions as SQL and as what they mean. */
  const condition: fc.Arbitrary<{ sql: string; holds: (row: Row) => boolean }> = fc.oneof(
    fc.constantFrom(...TENANTS).map((tenant) => ({
      sql: `tenant = '${tenant}'`,
      holds: (row: Row) => row.tenant === tenant,
    })),
    fc
      .integer({ min: 0, max: 7 })
      .map((n) => ({ sql: `n < ${n}`, holds: (row: Row) => row.n < n })),
    fc.subarray([...TENANTS], { minLength: 1 }).map((some) => ({
      sql: `tenant IN (${some.map((each) => `'${each}'`).join(', ')})`,
      holds: (row: Row) => some.includes(row.tenant),
    })),
  )
  const filterOf = fc
    .tuple(condition, condition, fc.constantFrom('AND', 'OR', 'AND NOT'))
    .map(([one, two, word]) => ({
      sql: `${one.sql} ${word} ${two.sql}`,
      holds: (row: Row) =>
        word === 'OR'
          ? one.holds(row) || two.holds(row)
          : one.holds(row) && two.holds(row) === (word === 'AND'),
    }))

  /** SQL that tries to see more; each gives the ids it saw. */
  const SHAPES = [
    'SELECT id FROM events',
    'SELECT id FROM events FINAL',
    "SELECT id, 'a' AS tenant, 1 AS n FROM events WHERE tenant = 'a'",
    "SELECT id FROM (SELECT *, 'b' AS tenant FROM events)",
    'WITH e AS (SELECT * FROM events) SELECT id FROM e',
    "WITH 'c' AS tenant SELECT id FROM events",
    'SELECT e.id AS id FROM events AS e LEFT JOIN events AS f ON e.id = f.id',
    'SELECT f.id AS id FROM (SELECT number AS id FROM numbers(300)) AS g INNER JOIN events AS f USING (id)',
    'SELECT id FROM events WHERE 1 = 1 OR tenant != tenant',
    'SELECT id FROM events PREWHERE n >= 0 WHERE 1',
    'SELECT id FROM events UNION ALL SELECT id FROM events',
    'SELECT number AS id FROM numbers(300) WHERE number IN (SELECT id FROM events)',
    'SELECT arrayJoin((SELECT groupArray(id) FROM events)) AS id',
    'SELECT id FROM view(SELECT * FROM events)',
    'SELECT id FROM events ORDER BY note DESC LIMIT 1000 BY id',
    "% SELECT id FROM events WHERE tenant = {{String(x, 'b')}} OR 1",
  ]

  test('shows no row outside of it, whatever the SQL: the same ids as a model', async () => {
    await fc.assert(
      fc.asyncProperty(filterOf, fc.constantFrom(...SHAPES), async (filter, shape) => {
        const answer = await ask(shape, jwt([rows(filter.sql)]))
        if (answer.status === 400) return
        expect(answer.status, answer.text).toBe(200)
        const allowed = new Set(MODEL.filter(filter.holds).map(({ id }) => id))
        for (const row of answer.data) expect(allowed.has(Number(row['id']))).toBe(true)
        expect(answer.text).not.toContain('statistics')
      }),
      { numRuns: 50 },
    )
  })

  test('shows every row inside of it, in each of these shapes', async () => {
    const token = jwt([rows("tenant = 'a' AND n < 5")])
    const wanted = MODEL.filter((row) => row.tenant === 'a' && row.n < 5).map(({ id }) => id)
    // What stands in brackets has no PREWHERE, and a constant hides the column it is called like.
    for (const shape of SHAPES.filter((each) => !/PREWHERE|WITH 'c'/.test(each))) {
      const { status, text, data } = await ask(shape, token)
      expect(status, `${shape}: ${text}`).toBe(200)
      const seen = new Set(data.map((row) => Number(row['id'])))
      expect(
        [...seen].sort((x, y) => x - y),
        shape,
      ).toEqual(wanted)
    }
  })

  test('of several scopes add up, and one without a filter shows all', async () => {
    const count = async (...scopes: JwtScope[]): Promise<unknown> =>
      (await ask('SELECT count() AS c FROM events', jwt(scopes))).data[0]?.['c']
    expect(await count(rows("tenant = 'a'"), rows("tenant = 'b'"))).toBe(200)
    expect(await count(rows("tenant = 'a'"), rows())).toBe(300)
  })

  test.each([
    '1) OR (1',
    '1 = 1 --',
    "tenant = 'a' /* */ OR 1",
    '1; SELECT 1',
    "'",
    'id IN (SELECT id FROM events)',
    '{x:UInt8}',
  ])('that is not one condition shows nothing: %s', async (filter) => {
    for (const scopes of [[rows(filter)], [rows("tenant = 'a'"), rows(filter)]]) {
      const { status, data } = await ask('SELECT id FROM events', jwt(scopes))
      expect([status, data]).toEqual([400, []])
    }
  })

  test.each([
    "SELECT throwIf(tenant != 'a', note) FROM events",
    "SELECT intDiv(1, tenant = 'a') FROM events",
    'SELECT toUInt64(note) FROM events',
    "SELECT count() FROM events WHERE toUInt64(concat('x', note)) = 1",
    "SELECT if(tenant = 'b', throwIf(1, note), 0) FROM events",
    "SELECT CAST(note, 'Enum8(\\'open\\' = 1)') FROM events",
    'SELECT * FROM events WHERE no_such_column = 1',
    'SELECT sum(n) OVER (ORDER BY toUInt64(note)) FROM events',
  ])('tells nothing of other rows by failing: %s', async (sql) => {
    const { text } = await ask(sql, jwt([rows("tenant = 'a'")]))
    expect(text).not.toMatch(/secret of|tenant = 'a'|ws_[0-9a-f]|t_[0-9a-f]{32}/)
  })

  test('that fails itself shows no value it failed on', async () => {
    const { status, text } = await ask('SELECT id FROM events', jwt([rows('toUInt64(note) = 1')]))
    expect(status).toBe(400)
    expect(text).not.toMatch(/secret|open/)
    expect(text).toContain('CANNOT_PARSE_TEXT')
  })

  test('shows no column that only a staged deployment has, and nothing of its dictionary', async () => {
    const token = jwt([rows("tenant = 'a'")])
    const { command } = api.deps.clickhouse
    const table = `${api.database}.${tableName(EVENTS_ID, 1)}`
    await command({ sql: `ALTER TABLE ${table} ADD COLUMN staged LowCardinality(String)` })
    const { data } = await ask('SELECT * FROM events LIMIT 1', token)
    expect(Object.keys(data[0] ?? {})).toEqual(['id', 'tenant', 'n', 'note'])
    for (const column of ['staged', 'events.staged'])
      expect((await ask(`SELECT ${column} FROM events`, token)).status).toBe(400)
    await command({ sql: `ALTER TABLE ${table} DROP COLUMN staged` })
  })

  test('leaves columns with odd names as they are, and those of a Nested', async () => {
    const odd = ["it's", 'a\\b', 'c.d', 'größe', '$(x)|']
    const { command } = api.deps.clickhouse
    const table = `${api.database}.${tableName(EVENTS_ID, 1)}`
    const columns = { id: 'UInt64', tenant: 'String', n: 'UInt64', note: 'String' }
    const added = odd.map((name) => `ADD COLUMN ${quoteIdentifier(name)} UInt8`)
    await command({
      sql: `ALTER TABLE ${table} ${added.join(', ')}, ADD COLUMN \`n_e.x\` Array(UInt8)`,
    })
    const types = Object.fromEntries(odd.map((name) => [name, 'UInt8']))
    await promoteColumns({ ...columns, ...types, n_e: 'Nested(x UInt8)' })
    const { data } = await ask('SELECT * FROM events LIMIT 1', jwt([rows("tenant = 'a'")]))
    expect(Object.keys(data[0] ?? {})).toEqual([...Object.keys(columns), ...odd, 'n_e.x'])
    const dropped = [...odd, 'n_e.x'].map((name) => `DROP COLUMN ${quoteIdentifier(name)}`)
    await promoteColumns(columns)
    await command({ sql: `ALTER TABLE ${table} ${dropped.join(', ')}` })
  })

  test('hides what was read: in JSON, in headers, and there is no plan', async () => {
    const token = jwt([rows("tenant = 'a'")])
    const sql = "SELECT count() AS c FROM events WHERE note = 'secret of b'"
    const answer = await api.call(`/v0/sql?q=${encodeURIComponent(sql)}`, token)
    expect(await answer.json()).not.toHaveProperty('statistics')
    expect(JSON.stringify([...answer.headers])).not.toMatch(/rows_read|read_rows|bytes_read/)
    expect((await ask(sql, token, '&explain=true')).status).toBe(403)
    for (const word of ['EXPLAIN', 'EXPLAIN PIPELINE', 'EXPLAIN indexes = 1', 'DESCRIBE'])
      expect((await ask(`${word} ${sql}`, token)).status).toBe(400)
  })

  test('says nothing about the quarantine, which it cannot be trusted on', async () => {
    expect((await ask('SELECT * FROM events_quarantine', jwt([rows('1 = 1')]))).status).toBe(403)
  })
})

describe('limits.rps', () => {
  const RATE = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset', 'Retry-After']

  test('holds for the name of the token, across endpoints, SQL and addresses; then 429 with the time to wait', async () => {
    const named = { name: 'limited', limits: { rps: 2 } }
    const scopes = [reads('by_tenant', { tenant: 'a' })]
    const call = async (path: string, token: string): Promise<[number, ...(string | null)[]]> => {
      const headers = { 'X-Forwarded-For': `2001:db8::${Math.floor(Math.random() * 9_999)}` }
      const answer = await api.call(path, token, { headers })
      return [answer.status, ...RATE.map((name) => answer.headers.get(name))]
    }
    const told = [
      await call('/v0/pipes/by_tenant.json', jwt(scopes, named)),
      await call('/v0/sql?q=SELECT+1', jwt(scopes, { ...named, exp: 4_000_000_000 })),
      await call('/v0/pipes/by_tenant.json', jwt(scopes, named)),
      await call('/v0/pipes/by_tenant.json', jwt(scopes, named)),
    ]
    // A slow machine may have filled a bucket by one or two meanwhile.
    const limited = told.filter(([status]) => status === 429)
    expect(told[0]?.slice(0, 3)).toEqual([200, '2', '1'])
    for (const [, ...headers] of limited) expect(headers).toEqual(['2', '0', '1', '1'])
    const other = await call('/v0/pipes/by_tenant.json', jwt(scopes, { limits: { rps: 9 } }))
    expect(other.slice(0, 3)).toEqual([200, '9', '8'])
    expect((await call('/v0/pipes/by_tenant.json', jwt(scopes))).slice(1)).toEqual(
      Array(4).fill(null),
    )
  })
})

describe('an end', () => {
  test('comes with exp, and is told as 403', async () => {
    const late = jwt([rows()], { exp: Math.floor(Date.now() / 1_000) })
    const { status, text } = await ask('SELECT 1', late)
    expect([status, text]).toEqual([403, '{"error":"The token has expired."}'])
  })

  test('comes at once when the admin token is refreshed, for a static token with its removal', async () => {
    const token = jwt([reads('plain')])
    const fixed = await api.token({ type: 'PIPES:READ', resource: pipeId('plain') })
    const statuses = async (): Promise<number[]> => [
      (await told('/v0/pipes/plain.json', token)).status,
      (await told('/v0/pipes/plain.json', fixed)).status,
    ]
    expect(await statuses()).toEqual([200, 200])
    const { catalog } = api.deps
    const { id = '' } = (await catalog.findToken(fixed)) ?? {}
    await catalog.removeToken(api.workspaceId, id)
    await catalog.refreshToken(api.workspaceId, 'workspace admin token')
    expect(await statuses()).toEqual([403, 403])
  })
})
