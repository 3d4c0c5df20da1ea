// Making JWTs, who may sign them, and that they manage nothing.
import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto'

import { plainDataSource } from '@sandpiper/datafile'
import { emptyMap, type DeployedPipe, type DeploymentMap } from '@sandpiper/deployment'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  startManagementApi,
  type Answer,
  type TestApi,
} from '../../../test/start-management-api.ts'

let api: TestApi
let workspaceId: string
let admin: string

const EVENTS = `t_${'e'.repeat(32)}`
const KPIS = `t_${'f'.repeat(32)}`
const NEXT_YEAR = Math.floor(Date.now() / 1_000) + 31_536_000

beforeAll(async () => {
  api = await startManagementApi()
  const { catalog } = api.deps
  const made = await catalog.createWorkspace({ name: `w_${randomUUID()}` })
  workspaceId = made.workspace.id
  admin = made.adminToken.value
  const at = { createdAt: '2026-11-21T00:00:00.000Z', updatedAt: '2026-11-21T00:00:00.000Z' }
  const file: DeployedPipe['file'] = {
    ...{ kind: 'pipe', name: 'kpis', nodes: [] },
    ...{ description: null, tokens: [], tags: null, settings: {} },
  }
  const map: DeploymentMap = {
    ...emptyMap(),
    dataSources: {
      events: {
        id: EVENTS,
        generation: 1,
        schemaVersion: 1,
        ...at,
        file: plainDataSource('events', []),
      },
    },
    pipes: { kpis: { id: KPIS, nodeIds: [], view: null, ...at, file } },
  }
  const about = { workspaceId, kind: 'build', map, plan: null, feedback: [] } as const
  const { number } = await catalog.createDeployment(about)
  await catalog.promote(workspaceId, number)
})
afterAll(() => api.stop())

const READ_KPIS = { type: 'PIPES:READ', resource: 'kpis', fixed_params: { tenant: 'a' } }

/** As the SDK asks for one. */
function ask(body: unknown, query = `expiration_time=${NEXT_YEAR}&from=ts-sdk`, token = admin) {
  return api.call('POST', `/v0/tokens/?${query}`, token, { body: JSON.stringify(body) })
}

async function make(body: object): Promise<string> {
  const answer = await ask({ name: 'u', ...body })
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return (answer.body as { token: string }).token
}

function payloadOf(jwt: string): unknown {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
}

const errorOf = ({ body }: Answer): string => (body as { error: string }).error

describe('a JWT that the server signs', () => {
  test('says what was asked for, under the signature of the admin token', async () => {
    const scopes = [
      READ_KPIS,
      { type: 'DATASOURCES:READ', resource: EVENTS, filter: "org = 'a'" },
      { type: 'DATASOURCES:APPEND', resource: 'events' },
    ]
    const answer = await ask({ name: 'u', scopes, limits: { rps: 5 } })
    expect(Object.keys(answer.body as object)).toEqual(['token'])
    const { token } = answer.body as { token: string }
    expect(payloadOf(token)).toEqual({
      ...{ workspace_id: workspaceId, name: 'u', exp: NEXT_YEAR, scopes, limits: { rps: 5 } },
    })
    const [head, payload, signature] = token.split('.')
    const wanted = createHmac('sha256', admin).update(`${head ?? ''}.${payload ?? ''}`)
    expect(signature).toBe(wanted.digest('base64url'))
    expect(await api.deps.catalog.findToken(token)).toMatchObject({ name: 'u', workspaceId })
  })

  test('takes its name from the query as the CLI sends it, and scopes as for static tokens', async () => {
    const byCli = await ask({ scopes: [READ_KPIS] }, `name=cli&expiration_time=${NEXT_YEAR}`)
    expect(payloadOf((byCli.body as { token: string }).token)).toMatchObject({ name: 'cli' })
    const plain = await ask({}, `name=p&expiration_time=${NEXT_YEAR}&scope=PIPES:READ:kpis`)
    expect(payloadOf((plain.body as { token: string }).token)).toMatchObject({
      scopes: [{ type: 'PIPES:READ', resource: 'kpis' }],
    })
  })

  test('is kept nowhere', async () => {
    const before = await api.deps.catalog.listTokens(workspaceId)
    await make({ scopes: [READ_KPIS] })
    expect(await api.deps.catalog.listTokens(workspaceId)).toEqual(before)
  })

  const long = { ...READ_KPIS, fixed_params: { tenant: 'x'.repeat(100) } }
  test.each<[string, object, string?]>([
    ['scopes', {}],
    ['scopes in a list', { scopes: READ_KPIS }],
    ['scopes that JWTs can have', { scopes: [{ type: 'ADMIN' }] }],
    ['a resource', { scopes: [{ type: 'PIPES:READ' }] }],
    ['a resource that is there', { scopes: [{ type: 'PIPES:READ', resource: 'none' }] }],
    ['a pipe, not a data source', { scopes: [{ type: 'PIPES:READ', resource: 'events' }] }],
    ['a filter of one piece', { scopes: [filtered('1) OR (1')] }],
    ['a filter without a comment', { scopes: [filtered('1 = 1 --')] }],
    ['a filter that reads nothing', { scopes: [filtered('a IN (SELECT 1 FROM events)')] }],
    ['fixed_params in an object', { scopes: [{ ...READ_KPIS, fixed_params: 'tenant=a' }] }],
    ['limits of a whole number', { scopes: [READ_KPIS], limits: { rps: 0 } }],
    ['a name', { name: '', scopes: [READ_KPIS] }],
    ['an expiration', { scopes: [READ_KPIS] }, 'expiration_time='],
    ['an expiration in seconds', { scopes: [READ_KPIS] }, 'expiration_time=1.5'],
    ['an expiration in the future', { scopes: [READ_KPIS] }, 'expiration_time=1000000000'],
    ['an expiration that is a number', { scopes: [READ_KPIS] }, 'expiration_time=2030-01-01'],
    ['to fit into a header', { scopes: Array.from({ length: 100 }, () => long) }],
  ])('needs %s: 400', async (_what, body, query) => {
    const answer = await ask({ name: 'u', ...body }, query ?? `expiration_time=${NEXT_YEAR}`)
    expect([answer.status, typeof errorOf(answer)]).toEqual([400, 'string'])
  })

  test('is made with TOKENS or ADMIN only: 403', async () => {
    const { catalog } = api.deps
    const scope = { type: 'PIPES:READ', resource: KPIS, filter: null, fixedParams: null } as const
    const origin = { type: 'C', resourceId: null } as const
    const reader = await catalog.createToken({ workspaceId, name: 'r', scopes: [scope], origin })
    const keeper = await catalog.createToken({
      ...{ workspaceId, name: 'k', origin },
      scopes: [{ ...scope, type: 'TOKENS', resource: null }],
    })
    const body = { name: 'u', scopes: [READ_KPIS] }
    expect((await ask(body, undefined, reader.value)).status).toBe(403)
    expect((await ask(body, undefined, keeper.value)).status).toBe(200)
    expect((await ask(body, undefined, await make({ scopes: [READ_KPIS] }))).status).toBe(403)
  })

  function filtered(filter: string): object {
    return { type: 'DATASOURCES:READ', resource: 'events', filter }
  }
})

test.each([
  'GET /v0/tokens',
  'POST /v0/tokens?name=x&scope=PIPES:READ:kpis',
  'POST /v0/tokens/workspace%20admin%20token/refresh',
  'GET /v0/datasources',
  'GET /v0/datasources/events',
  'POST /v0/datasources/events/truncate',
  'POST /v0/datasources?name=events&mode=append',
  'GET /v0/pipes',
  'GET /v0/pipes/kpis',
  'GET /v0/jobs',
  'GET /v0/workspaces',
  'GET /v1/workspace',
  'GET /v0/jwks',
  'PUT /v0/jwks',
  'POST /v1/deploy',
  'POST /v1/build',
  'GET /v0/variables',
])('a JWT manages nothing: %s is 403', async (line) => {
  const [method = '', path = ''] = line.split(' ')
  const jwt = await make({
    scopes: [
      ...['PIPES:READ', 'PIPES:READ'].map((type) => ({ type, resource: 'kpis' })),
      ...['DATASOURCES:READ', 'DATASOURCES:APPEND'].map((type) => ({ type, resource: EVENTS })),
    ],
  })
  const answer = await api.call(method, path, jwt)
  expect([answer.status, errorOf(answer)]).toEqual([
    403,
    'A JWT reads endpoints and SQL and appends events: this needs a static token.',
  ])
})

describe('/v0/jwks', () => {
  const { publicKey } = generateKeyPairSync('ed25519')
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one' }
  const put = (body: unknown, token = admin): Promise<Answer> =>
    api.call('PUT', '/v0/jwks', token, { body: JSON.stringify(body) })

  test('keeps what it was given, in whole', async () => {
    const url = 'https://idp.example/jwks.json'
    const kept = { keys: [{ ...jwk, alg: 'EdDSA', use: 'sig' }], url, max_lifetime: 3_600 }
    expect(await put({ keys: [jwk], url, max_lifetime: 3_600 })).toMatchObject({
      status: 200,
      body: kept,
    })
    expect((await api.call('GET', '/v0/jwks', admin)).body).toEqual(kept)
    const late = await ask({ name: 'u', scopes: [READ_KPIS] })
    expect([late.status, errorOf(late)]).toEqual([400, expect.stringContaining('3600 s')])
    expect((await put({})).body).toEqual({ keys: [], url: null, max_lifetime: null })
    await put({ keys: [jwk] })
    expect((await api.call('DELETE', '/v0/jwks', admin)).status).toBe(200)
    expect((await api.call('GET', '/v0/jwks', admin)).body).toMatchObject({ keys: [] })
  })

  test.each<[string, unknown]>([
    ['a private key', { keys: [{ ...jwk, d: 'AAAA' }] }],
    ['two keys of one kid', { keys: [jwk, jwk] }],
    ['too many keys', { keys: Array.from({ length: 21 }, (_, n) => ({ ...jwk, kid: `${n}` })) }],
    ['a URL without TLS', { url: 'http://idp.example/' }],
    ['a file', { url: 'file:///etc/passwd' }],
    ['a URL with a password', { url: 'https://me:secret@idp.example/' }],
    ['no URL', { url: 'idp' }],
    ['no lifetime', { max_lifetime: 0 }],
    ['what nobody knows', { secret: 'x' }],
  ])('refuses %s, and nothing changes', async (_what, body) => {
    await put({ keys: [jwk] })
    expect((await put(body)).status).toBe(400)
    expect((await api.call('GET', '/v0/jwks', admin)).body).toMatchObject({
      keys: [{ kid: 'one' }],
    })
  })

  test('is for admins: whoever only manages tokens may not let others sign', async () => {
    const keeper = await api.deps.catalog.createToken({
      ...{ workspaceId, name: 'keeper', origin: { type: 'C', resourceId: null } },
      scopes: [{ type: 'TOKENS', resource: null, filter: null, fixedParams: null }],
    })
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect((await api.call(method, '/v0/jwks', keeper.value)).status).toBe(403)
  })
})
