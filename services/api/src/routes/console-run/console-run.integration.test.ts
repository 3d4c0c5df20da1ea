import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { EVENTS_ID, pipeId, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi({ top: [['n0', 'SELECT name FROM users', 'endpoint']] })
})
afterAll(() => api.stop())

interface Asked {
  readonly nodes: readonly (readonly [name: string, sql: string])[]
  readonly node?: string
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly more?: Readonly<Record<string, unknown>>
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly body: {
    data?: unknown[]
    error?: string
    node?: string
    line?: number
    query_explain?: string
    parameters?: unknown[]
    nodes?: unknown[]
  }
}

async function post(path: string, token: string | null, asked: Asked): Promise<Answer> {
  const { nodes, parameters = {}, more } = asked
  const node = asked.node ?? nodes[nodes.length - 1]?.[0]
  const answer = await api.call(`/v0/console/${path}`, token, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      nodes: nodes.map(([name, sql]) => ({ name, sql })),
      ...(path === 'run' ? { node } : {}),
      parameters,
      ...more,
    }),
  })
  const text = await answer.text()
  return { status: answer.status, text, body: JSON.parse(text) as Answer['body'] }
}

const run = (token: string | null, asked: Asked) => post('run', token, asked)
const check = (token: string | null, asked: Asked) => post('check', token, asked)

/** May make pipes, and reads one name's events only. */
function narrow(): Promise<string> {
  return api.token(
    { type: 'PIPES:CREATE' },
    { type: 'DATASOURCES:READ', resource: EVENTS_ID, filter: "name = 'b'" },
  )
}

describe('running nodes that nobody has deployed', () => {
  test('a node reads the nodes before it, with parameters in each of them', async () => {
    const { status, body } = await run(api.adminToken, {
      nodes: [
        ['first', '%\nSELECT name, n FROM events WHERE name = {{String(who)}}'],
        ['second', '%\nSELECT count() AS c, {{Int8(by, 2)}} AS by FROM first'],
        ['third', 'not even SQL'],
      ],
      node: 'second',
      parameters: { who: 'a' },
    })
    expect([status, body.data]).toEqual([200, [{ c: 2, by: 2 }]])
  })

  test.each([
    ['an unknown column', 'SELECT 1 AS x,\n  nosuch\nFROM events', 2],
    ['an unknown table', 'SELECT 1\nFROM nosuch', 2],
    ['an unknown function', 'SELECT\n1,\nnosuch(1)', 3],
    ['an unclosed string', "SELECT 1,\n 'open FROM events", 2],
    ['a misspelt word', 'SELECT 1\nFRAM events', 1],
    ['a template', '%\nSELECT 1\n{% if %}', 3],
    ['a missing value', '%\nSELECT\n\n{{Int8(who)}}', 4],
  ])('a failure says its node and line: %s', async (_, sql, line) => {
    const { status, body } = await run(api.adminToken, {
      nodes: [
        ['before', 'SELECT 1 AS x, 2 AS y'],
        ['broken', sql],
        ['asked', 'SELECT * FROM broken, before'],
      ],
    })
    expect([status, body.node, body.line]).toEqual([400, 'broken', line])
  })

  test('a name of a later node, of itself and of something that exists is refused', async () => {
    const refused = async (nodes: Asked['nodes'], node: string): Promise<string | undefined> =>
      (await run(api.adminToken, { nodes, node })).body.error
    const later = [
      ['one', 'SELECT * FROM two'],
      ['two', 'SELECT * FROM two'],
    ] as const
    expect(await refused(later, 'one')).toContain('stand before it')
    expect(await refused(later, 'two')).toContain('stand before it')
    const shadows = [
      ['events', 'SELECT 1'],
      ['two', 'SELECT * FROM events'],
    ] as const
    expect(await refused(shadows, 'two')).toContain('both a node and a data source')
    expect(
      await refused(
        [
          ['one', 'SELECT 1'],
          ['one', 'SELECT 2'],
        ],
        'one',
      ),
    ).toContain('same name')
  })

  test('a plan is given to those who see everything only', async () => {
    const nodes = [['one', "SELECT count() FROM events WHERE day = '2026-01-01'"]] as const
    const shown = await run(api.adminToken, { nodes, more: { explain: true } })
    expect(shown.body.query_explain).toContain('events')
    expect((await run(await narrow(), { nodes, more: { explain: true } })).status).toBe(403)
  })
})

describe('what another token could learn', () => {
  test('only a token that may make pipes runs nodes, and no JWT', async () => {
    const nodes = [['one', 'SELECT 1']] as const
    const reader = await api.token({ type: 'DATASOURCES:READ', resource: EVENTS_ID })
    const seer = await api.token({ type: 'WORKSPACE:READ_ALL' })
    const maker = await api.token({ type: 'PIPES:CREATE' })
    for (const token of [null, 'p.nonsense', reader, seer, maker])
      for (const path of ['run', 'check'])
        expect((await post(path, token, { nodes })).status, path).toBe(403)
  })

  test('a table the token may not read is refused wherever it stands, like one that does not exist', async () => {
    const token = await narrow()
    for (const shape of [
      'SELECT * FROM ?',
      'SELECT * FROM ?_quarantine',
      'SELECT * FROM events JOIN ? AS o ON 1 = 1',
      'WITH x AS (SELECT * FROM ?) SELECT * FROM x',
      'SELECT (SELECT count() FROM ?)',
      'SELECT name FROM events WHERE name IN (SELECT name FROM ?)',
      '%\nSELECT * FROM {{table(which)}}',
      '%\n{% set t = which %}SELECT * FROM {{TABLE(t)}}',
    ]) {
      const ask = (name: string) =>
        run(token, {
          nodes: [
            ['inner', shape.replace('?', name)],
            ['outer', 'SELECT * FROM inner'],
          ],
          parameters: { which: name },
        })
      const [forbidden, missing] = [await ask('users'), await ask('nosuch')]
      expect([forbidden.status, forbidden.text.includes('secret')], shape).toEqual([
        missing.status,
        false,
      ])
      expect(forbidden.status, shape).toBeGreaterThanOrEqual(400)
      expect(missing.text.replaceAll('nosuch', 'users'), shape).toBe(forbidden.text)
    }
  })

  test('the filter of the token holds in every node, whatever stands around it', async () => {
    const token = await narrow()
    for (const [inner, outer] of [
      ['SELECT * FROM events', 'SELECT n FROM inner'],
      ["SELECT 'b' AS name, n FROM events", 'SELECT n FROM inner'],
      ['SELECT n FROM events WHERE 1 OR name = name', 'SELECT n FROM inner'],
      ['SELECT 1 AS one', 'SELECT n FROM events, inner'],
      ['SELECT n FROM events UNION ALL SELECT n FROM events WHERE 0', 'SELECT n FROM inner'],
    ] as const) {
      const { status, body } = await run(token, {
        nodes: [
          ['inner', inner],
          ['outer', outer],
        ],
      })
      expect([status, body.data], inner).toEqual([200, [{ n: 2 }]])
    }
    const { text } = await run(token, {
      nodes: [['one', 'SELECT throwIf(name != 1, name) FROM events']],
    })
    expect(text).not.toContain("'a'")
  })

  test('a node may be called as a data source that the token does not know of: it learns nothing', async () => {
    const token = await narrow()
    for (const name of ['users', 'nosuch']) {
      const { body } = await run(token, {
        nodes: [
          [name, 'SELECT 1 AS x'],
          ['outer', `SELECT * FROM ${name}`],
        ],
      })
      expect(body.data, name).toEqual([{ x: 1 }])
    }
  })

  test('a pipe is read with the right to it, and its nodes never', async () => {
    const token = await api.token(
      { type: 'PIPES:CREATE' },
      { type: 'PIPES:READ', resource: pipeId('top') },
    )
    const ask = (sql: string) => run(token, { nodes: [['one', sql]] })
    expect((await ask('SELECT * FROM top')).body.data).toEqual([{ name: 'secret user' }])
    for (const sql of ['SELECT * FROM n0', 'SELECT * FROM users'])
      expect((await ask(sql)).status, sql).toBe(403)
    const failed = await ask('SELECT toUInt64(name) FROM top')
    expect(failed.status).toBe(400)
  })

  test.each([
    'SELECT * FROM system.tables',
    "SELECT * FROM file('/etc/passwd')",
    "SELECT * FROM url('http://127.0.0.1/')",
    'SELECT 1; DROP TABLE events',
    'SELECT 1 FORMAT CSV',
    'SELECT 1 SETTINGS max_threads = 99',
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    'SELECT sleep(3)',
    'SELECT {x: String}',
    'DROP TABLE events',
    'WITH (x, y) -> 1 AS equals SELECT * FROM events',
    '%\n{% import os %}SELECT 1',
  ])('the gate stands before every node: %s', async (sql) => {
    for (const token of [api.adminToken, await narrow()])
      for (const nodes of [
        [['one', sql]],
        [
          ['one', sql],
          ['two', 'SELECT * FROM one'],
        ],
      ] as const) {
        const { status } = await run(token, { nodes })
        expect([400, 403]).toContain(status)
        const checked = await check(token, { nodes })
        expect(checked.text).toContain('"problem":{')
      }
  })

  test('secrets are used by nodes of an admin only', async () => {
    await api.deps.catalog.createVariable({
      workspaceId: api.workspaceId,
      name: 'key',
      value: 'hush-hush',
      editedBy: 'a token',
    })
    const nodes = [['one', "%\nSELECT length({{tb_secret('key')}}) AS l"]] as const
    expect((await run(api.adminToken, { nodes })).body.data).toEqual([{ l: 9 }])
    const { status, text } = await run(await narrow(), { nodes })
    expect([status, text.includes('hush')]).toEqual([400, false])
  })

  test('a check tells columns and parameters of what the token may read', async () => {
    const nodes = [
      [
        'one',
        "%\nSELECT name, n FROM events WHERE name = {{String(who, 'b', description='Whose')}}",
      ],
      ['two', '%\nSELECT n + {{Int32(add)}} AS more FROM one'],
      ['three', 'SELECT * FROM users'],
    ] as const
    const { body } = await check(await narrow(), { nodes })
    expect(body.parameters).toMatchObject([
      { name: 'who', type: 'String', default: 'b', required: false, description: 'Whose' },
      { name: 'add', type: 'Int32', required: true },
    ])
    expect(body.nodes).toEqual([
      {
        name: 'one',
        columns: [
          { name: 'name', type: 'String' },
          { name: 'n', type: 'UInt64' },
        ],
        problem: null,
      },
      { name: 'two', columns: [{ name: 'more', type: 'Int64' }], problem: null },
      {
        name: 'three',
        columns: null,
        problem: { error: expect.stringContaining("'users' not found") as string, line: 1 },
      },
    ])
  })

  test('others are served between the nodes of a check, also when the engine is asked nothing', async () => {
    const turns = vi.spyOn(globalThis, 'setImmediate')
    const nodes = Array.from(
      { length: 100 },
      (_, at) => [`n${at}`, 'SELECT 1 FROM nosuch'] as const,
    )
    const { body } = await check(api.adminToken, { nodes })
    expect(body.nodes).toHaveLength(100)
    expect(turns.mock.calls.length).toBeGreaterThanOrEqual(100)
    turns.mockRestore()
  })

  test('bodies are bounded and read exactly', async () => {
    const many = Array.from({ length: 101 }, (_, at) => [`n${at}`, 'SELECT 1'] as const)
    expect((await run(api.adminToken, { nodes: many })).status).toBe(400)
    const long = Array.from({ length: 3 }, (_, at) => [`n${at}`, ' '.repeat(400_000)] as const)
    expect((await check(api.adminToken, { nodes: long })).status).toBe(413)
    expect((await run(api.adminToken, { nodes: [['a', 'SELECT 1']], node: 'b' })).status).toBe(404)
    const proto = await run(api.adminToken, {
      nodes: [['a', '%\nSELECT {{String(__proto__, "none")}} AS x']],
      more: JSON.parse('{"parameters": {"__proto__": "sent"}}') as Record<string, unknown>,
    })
    expect(proto.status).toBeLessThan(500)
    expect(({} as Record<string, unknown>)['sent']).toBeUndefined()
  })
})
