import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createApiApp, type ApiApp } from '../../app.ts'
import { pipeId, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'
import { queryRoutes } from '../query-routes.ts'
import { variableRoutes } from './variables.ts'

const VALUE = "pa'ss\\word {x} \u00e9 7f3a"
const endpoint = (sql: string) => [['n0', `%\n${sql}`, 'endpoint'] as const]
const PIPES = {
  salted: endpoint("SELECT name, name = {{tb_secret('salt')}} AS same FROM events"),
  through: endpoint('SELECT * FROM salted'),
  guess: endpoint("SELECT {{tb_secret('salt')}} = {{String(v, '')}} AS same"),
  broken: endpoint("SELECT toInt32({{tb_secret('salt')}}) AS n"),
  late: endpoint("SELECT toInt32(concat({{tb_secret('salt')}}, name)) AS n FROM events"),
  fallback: endpoint("SELECT {{tb_secret('nosuch', 'none')}} AS v"),
  missing: endpoint("SELECT {{tb_secret('nosuch')}} AS v"),
  chosen: endpoint('SELECT {{tb_secret(String(name))}} AS v'),
}

let api: QueryApi
let caller: string

beforeAll(async () => {
  api = await startQueryApi(PIPES)
  caller = await api.token(
    ...Object.keys(PIPES).map((name) => ({ type: 'PIPES:READ' as const, resource: pipeId(name) })),
  )
  await api.deps.catalog.createVariable({
    workspaceId: api.workspaceId,
    name: 'salt',
    value: VALUE,
    editedBy: 'a test',
  })
})
afterAll(() => api.stop())

/** An app of its own, so that one test does not use up the requests of the next. */
function fresh(): ApiApp {
  return createApiApp(api.deps, [queryRoutes, variableRoutes])
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly json: Record<string, unknown>
  readonly headers: Headers
}

async function ask(
  app: ApiApp,
  method: string,
  path: string,
  wish: { token?: string; form?: Record<string, string>; json?: unknown } = {},
): Promise<Answer> {
  const headers = { Authorization: `Bearer ${wish.token ?? api.adminToken}` }
  const body = wish.form !== undefined ? new URLSearchParams(wish.form) : JSON.stringify(wish.json)
  const init = method === 'GET' || method === 'DELETE' ? {} : { body }
  const answer = await app.request(path, { method, headers, ...init })
  const text = await answer.text()
  const json = JSON.parse(text) as Record<string, unknown>
  return { status: answer.status, text, json, headers: answer.headers }
}

describe('200', () => {
  test('a variable is made by a form or JSON, shown, changed and removed, never with its value', async () => {
    const app = fresh()
    const made = await ask(app, 'POST', '/v0/variables', { form: { name: 'a', value: VALUE } })
    expect(made.json).toEqual({
      name: 'a',
      type: 'secret',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/) as unknown,
      updated_at: made.json['created_at'],
      edited_by: 'workspace admin token',
    })
    const json = { name: 'b', value: VALUE, type: 'secret' }
    const others = [
      made,
      await ask(app, 'POST', '/v0/variables/', { json }),
      await ask(app, 'GET', '/v0/variables'),
      await ask(app, 'GET', '/v0/variables/a'),
    ]
    expect(others.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const list = others[2]?.json as { variables: { name: string }[] }
    expect(list.variables.map(({ name }) => name)).toEqual(['a', 'b', 'salt'])
    const app2 = fresh()
    const changed = await ask(app2, 'PUT', '/v0/variables/a', { form: { value: 'changed' } })
    expect(changed.status).toBe(200)
    expect((await api.deps.catalog.secretsOf(api.workspaceId)).get('a')).toBe('changed')
    for (const name of ['a', 'b'])
      expect((await ask(app2, 'DELETE', `/v0/variables/${name}`)).json).toEqual({ ok: true })
    for (const { text } of [...others, changed]) expect(text).not.toMatch(/7f3a|changed/)
  })

  test('tb_secret() of a pipe has the value, whoever calls the pipe, and has a new one at once', async () => {
    const app = fresh()
    const same = async (v: string): Promise<unknown> =>
      (await ask(app, 'GET', `/v0/pipes/guess.json?v=${encodeURIComponent(v)}`, { token: caller }))
        .json['data']
    expect(await same(VALUE)).toEqual([{ same: 1 }])
    const put = (value: string) => ask(app, 'PUT', '/v0/variables/salt', { form: { value } })
    await put('another')
    expect(await same(VALUE)).toEqual([{ same: 0 }])
    expect(await same('another')).toEqual([{ same: 1 }])
    await put(VALUE)
    const through = await ask(app, 'GET', '/v0/pipes/through.json', { token: caller })
    expect([through.status, through.json['rows']]).toEqual([200, 3])
    const fallback = await ask(app, 'GET', '/v0/pipes/fallback.json', { token: caller })
    expect(fallback.json['data']).toEqual([{ v: 'none' }])
  })

  test('an admin may use a secret in SQL of his own', async () => {
    const q = encodeURIComponent("% SELECT length({{tb_secret('salt')}}) AS l")
    const got = await ask(fresh(), 'GET', `/v0/sql?q=${q}`)
    expect(got.json['data']).toEqual([{ l: Buffer.byteLength(VALUE) }])
  })
})

describe('400', () => {
  test.each([
    ['no value', { name: 'x' }],
    ['a name with a dash', { name: 'a-b', value: 'x' }],
    ['a name that begins with a digit', { name: '1a', value: 'x' }],
    ['an empty name', { name: '', value: 'x' }],
    ['a name that is too long', { name: 'a'.repeat(129), value: 'x' }],
    ['a name of another alphabet', { name: 'é', value: 'x' }],
    ['a value over 8 KB', { name: 'x', value: 'é'.repeat(4_097) }],
    ['a value with a NUL', { name: 'x', value: 'a\0b' }],
    ['another type', { name: 'x', value: 'x', type: 'plain' }],
  ])('%s', async (_, form) => {
    const got = await ask(fresh(), 'POST', '/v0/variables', { form })
    expect([got.status, typeof got.json['error']]).toEqual([400, 'string'])
  })

  test('a value in the URL, where logs would keep it', async () => {
    const app = fresh()
    for (const [method, path] of [
      ['POST', '/v0/variables?name=x&value=7f3a'],
      ['PUT', '/v0/variables/salt?value=7f3a'],
    ] as const) {
      const got = await ask(app, method, path, { form: {} })
      expect([got.status, got.text.includes('7f3a')]).toEqual([400, false])
    }
  })

  test('a secret that is not there, or that the name of a caller chose', async () => {
    const app = fresh()
    for (const [path, name] of [
      ['/v0/pipes/missing.json', 'nosuch'],
      ['/v0/pipes/chosen.json?name=salt', 'salt'],
    ] as const) {
      const got = await ask(app, 'GET', path, { token: caller })
      expect(got.status).toBe(400)
      expect(got.json['error']).toContain(
        `Cannot access secret '${name}'. Check the secret exists in the Workspace and the token has the required scope.`,
      )
    }
  })
})

describe('403', () => {
  test('variables are for admins alone', async () => {
    const tokens = [caller, await api.token({ type: 'TOKENS' }), 'p.e30.nope']
    for (const token of tokens)
      for (const [method, path] of [
        ['GET', '/v0/variables'],
        ['POST', '/v0/variables'],
        ['GET', '/v0/variables/salt'],
        ['GET', '/v0/variables/nosuch'],
        ['PUT', '/v0/variables/salt'],
        ['DELETE', '/v0/variables/salt'],
      ] as const) {
        const got = await ask(fresh(), method, path, { token, form: { name: 'x', value: 'x' } })
        expect(got.status, `${method} ${path}`).toBe(403)
      }
  })
})

describe('404, 409, 429', () => {
  test('a name that is not there, and one that is taken', async () => {
    const app = fresh()
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect(
        (await ask(app, method, '/v0/variables/nosuch', { form: { value: 'x' } })).status,
      ).toBe(404)
    const taken = { form: { name: 'salt', value: 'x' } }
    expect((await ask(app, 'POST', '/v0/variables', taken)).status).toBe(409)
  })

  test('the sixth request of a second, with Retry-After', async () => {
    const app = fresh()
    const began = performance.now()
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => ask(app, 'GET', '/v0/variables')),
    )
    const allowed = answers.filter(({ status }) => status === 200).length
    const filled = ((performance.now() - began) / 1_000) * 5
    expect(allowed).toBeGreaterThanOrEqual(5)
    expect(allowed).toBeLessThanOrEqual(Math.min(39, 6 + filled))
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.headers.get('retry-after')).toBe('1')
  })
})

describe('attack 45: a caller of a pipe learns nothing of the secret it uses', () => {
  test.each([
    '/v0/pipes/broken.json',
    '/v0/pipes/late.json',
    '/v0/pipes/late.csv',
    '/v0/pipes/salted.json?explain=true',
    '/v0/pipes/guess.json?explain=true',
    '/v0/pipes/salted.json?q=SELECT+{salt:String}+FROM+_',
    '/v0/pipes/salted.json?q=SELECT+{/**/salt:String}+FROM+_',
    '/v0/pipes/salted.json?q=SELECT+{+salt+:+String+}+FROM+_',
    `/v0/pipes/salted.json?q=${encodeURIComponent("% SELECT {{tb_secret('salt')}} FROM _")}`,
    `/v0/pipes/salted.json?q=${encodeURIComponent('SELECT toInt32(same) + nosuch FROM _')}`,
    '/v0/sql?q=SELECT+{salt:String}+FROM+salted',
    '/v0/sql?pipeline=salted&q=SELECT+{salt:String}+FROM+_',
    '/v0/sql?q=SELECT+*+FROM+broken',
    `/v0/sql?q=${encodeURIComponent("% SELECT {{tb_secret('salt')}} AS s")}`,
    `/v0/sql?q=${encodeURIComponent("% SELECT {{tb_secret('salt', 'none')}} AS s")}`,
    `/v0/sql?q=${encodeURIComponent("% SELECT {{tb_var('salt')}} AS s FROM salted")}`,
    `/v0/sql?q=${encodeURIComponent("% {{error(tb_secret('salt'))}}")}`,
    `/v0/sql?q=${encodeURIComponent("% {{custom_error({'a': tb_secret('salt')}, 400)}}")}`,
  ])('%s', async (path) => {
    for (const token of [caller]) {
      const got = await fresh().request(path, { headers: { Authorization: `Bearer ${token}` } })
      const all = `${await got.text()}${JSON.stringify([...got.headers])}`
      for (const piece of ['7f3a', "pa'ss", 'pa\\', 'word']) expect(all).not.toContain(piece)
    }
  })

  test('a failure keeps the code and the word of the engine, and nothing else of it, for admins too', async () => {
    for (const token of [caller, api.adminToken]) {
      const got = await ask(fresh(), 'GET', '/v0/pipes/broken.json', { token })
      expect([got.status, got.headers.get('x-db-exception-code')]).toEqual([400, '6'])
      expect(got.json['error']).toBe(
        '[Error] The query failed. What the engine says is not shown, for the query uses a secret. (CANNOT_PARSE_TEXT)',
      )
    }
  })
})
