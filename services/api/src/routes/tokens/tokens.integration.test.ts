import { randomUUID } from 'node:crypto'

import { tokenListSchema, tokenSchema, type TokenBody } from '@sandpiper/contracts'
import { plainDataSource } from '@sandpiper/datafile'
import { emptyMap, type DeployedDataSource, type DeployedPipe } from '@sandpiper/deployment'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

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

beforeAll(async () => {
  api = await startManagementApi()
})

afterAll(() => api.stop())

beforeEach(async () => {
  const made = await api.deps.catalog.createWorkspace({ name: `w_${randomUUID()}` })
  workspaceId = made.workspace.id
  admin = made.adminToken.value
  await deploy()
})

/** One data source `events` and one pipe `kpis`. */
async function deploy(): Promise<void> {
  const times = { createdAt: '2026-11-21T00:00:00.000Z', updatedAt: '2026-11-21T00:00:00.000Z' }
  const events: DeployedDataSource = {
    id: EVENTS,
    generation: 1,
    schemaVersion: 1,
    ...times,
    file: plainDataSource('events', []),
  }
  const kpis: DeployedPipe = {
    id: KPIS,
    nodeIds: [],
    view: null,
    ...times,
    file: {
      ...{ kind: 'pipe', name: 'kpis', nodes: [] },
      ...{ description: null, tokens: [], tags: null, settings: {} },
    },
  }
  const map = { ...emptyMap(), dataSources: { events }, pipes: { kpis } }
  const { number } = await api.deps.catalog.createDeployment({
    workspaceId,
    kind: 'build',
    map,
    plan: null,
    feedback: [],
  })
  await api.deps.catalog.promote(workspaceId, number)
}

async function create(query: string, token = admin): Promise<TokenBody> {
  const answer = await api.call('POST', `/v0/tokens?${query}`, token)
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return tokenSchema.parse(answer.body)
}

async function valueWith(...scopes: string[]): Promise<string> {
  const query = scopes.map((scope) => `scope=${encodeURIComponent(scope)}`).join('&')
  return (await create(`name=${randomUUID()}&${query}`)).token ?? ''
}

async function list(token: string): Promise<TokenBody[]> {
  const answer = await api.call('GET', '/v0/tokens/', token)
  expect(answer.status).toBe(200)
  return tokenListSchema.parse(answer.body).tokens
}

function errorOf(answer: Answer): string {
  return (answer.body as { error: string }).error
}

describe('200', () => {
  test('a created token works, holds ids inside and shows names outside', async () => {
    const made = await create(
      'name=reader%20one&description=for%20x&scope=DATASOURCES:READ:events&scope=PIPES:READ:kpis',
    )
    expect(made).toMatchObject({
      name: 'reader one',
      description: 'for x',
      scopes: [
        { type: 'DATASOURCES:READ', resource: 'events' },
        { type: 'PIPES:READ', resource: 'kpis' },
      ],
      origin: { type: 'C' },
      is_internal: false,
    })
    const stored = await api.deps.catalog.findToken(made.token ?? '')
    expect(stored?.scopes.map((scope) => scope.resource)).toEqual([EVENTS, KPIS])
    expect((await api.call('GET', '/v1/workspace', made.token ?? '')).status).toBe(200)
  })

  test('scopes may come as JSON, as ids, and twice', async () => {
    const scopes = [{ type: 'PIPES:READ', resource: KPIS }, 'PIPES:READ:kpis', { type: 'TOKENS' }]
    const answer = await api.call('POST', '/v0/tokens/', admin, {
      body: JSON.stringify({ name: 'j', scopes }),
    })
    expect(tokenSchema.parse(answer.body).scopes).toEqual([
      { type: 'PIPES:READ', resource: 'kpis' },
      { type: 'TOKENS' },
    ])
  })

  test('refreshing by id, name or value changes the value and ends the old one', async () => {
    const made = await create('name=turned&scope=PIPES:READ:kpis')
    for (const keyOf of [
      (t: TokenBody) => t.id,
      (t: TokenBody) => t.name,
      (t: TokenBody) => t.token ?? '',
    ]) {
      const [before] = (await list(admin)).filter((each) => each.id === made.id)
      const answer = await api.call('POST', `/v0/tokens/${keyOf(before ?? made)}/refresh`, admin)
      const fresh = tokenSchema.parse(answer.body)
      expect(fresh.id).toBe(made.id)
      expect(fresh.token).not.toBe(before?.token)
      expect((await api.call('GET', '/v1/workspace', before?.token ?? '')).status).toBe(403)
      expect((await api.call('GET', '/v1/workspace', fresh.token ?? '')).status).toBe(200)
    }
  })

  test('a removed token stops working at once', async () => {
    const made = await create('name=gone&scope=PIPES:READ:kpis')
    expect((await api.call('GET', '/v1/workspace', made.token ?? '')).status).toBe(200)
    expect((await api.call('DELETE', '/v0/tokens/gone', admin)).status).toBe(200)
    expect((await api.call('GET', '/v1/workspace', made.token ?? '')).status).toBe(403)
    expect((await api.call('GET', `/v0/tokens/${made.id}`, admin)).status).toBe(404)
  })

  test('changed scopes hold at once and the value stays', async () => {
    const made = await create('name=grow&scope=PIPES:READ:kpis')
    expect((await api.call('GET', '/v0/tokens', made.token ?? '')).status).toBe(403)
    const answer = await api.call('PUT', '/v0/tokens/grow?scope=TOKENS', admin)
    expect(tokenSchema.parse(answer.body)).toMatchObject({
      token: made.token,
      scopes: [{ type: 'TOKENS' }],
    })
    expect((await api.call('GET', '/v0/tokens', made.token ?? '')).status).toBe(200)
  })

  test('a token is renamed, but not to the name of another; its value and rights stay', async () => {
    const made = await create('name=before&scope=PIPES:READ:kpis')
    await create('name=occupied&scope=PIPES:READ:kpis')
    const taken = await api.call('PUT', '/v0/tokens/before?name=occupied', admin)
    expect(taken.status).toBe(409)
    const answer = await api.call('PUT', '/v0/tokens/before?name=after', admin)
    expect(tokenSchema.parse(answer.body)).toMatchObject({
      ...{ id: made.id, token: made.token, name: 'after' },
      scopes: [{ type: 'PIPES:READ', resource: 'kpis' }],
    })
    expect((await api.call('GET', '/v0/tokens/before', admin)).status).toBe(404)
    expect((await api.call('GET', '/v1/workspace', made.token ?? '')).status).toBe(200)
    expect((await api.call('PUT', '/v0/tokens/after?name=%20', admin)).status).toBe(400)
  })

  test('a token as text has its scopes and never its value', async () => {
    const made = await create(
      'name=as%20%22text%22&description=two%0Alines&scope=PIPES:READ:kpis&scope=TOKENS',
    )
    const listener = await api.call('GET', `/v0/tokens/${made.id}.token`, admin)
    expect(listener.status).toBe(200)
    expect(listener.body).toBe(
      'TOKEN "as \\"text\\""\n\nDESCRIPTION >\n    two\n    lines\n\nSCOPE PIPES:READ:kpis\nSCOPE TOKENS\n',
    )
    const named = await create('name=x.token&scope=TOKENS')
    expect((await api.call('GET', '/v0/tokens/x.token', admin)).body).toMatchObject({
      id: named.id,
    })
    expect((await api.call('GET', '/v0/tokens/absent.token', admin)).status).toBe(404)
  })

  test('any token may read itself, and nothing else', async () => {
    const mine = await create('name=mine&scope=PIPES:READ:kpis')
    const other = await create('name=other&scope=PIPES:READ:kpis')
    const read = (key: string): Promise<Answer> =>
      api.call('GET', `/v0/tokens/${key}`, mine.token ?? '')
    for (const key of [mine.id, mine.name, mine.token ?? ''])
      expect((await read(key)).status).toBe(200)
    const refusals = await Promise.all(
      [other.id, other.name, other.token ?? '', 'absent'].map(read),
    )
    expect(refusals.map((each) => each.status)).toEqual([403, 403, 403, 403])
    expect(new Set(refusals.map(errorOf)).size).toBe(1)
  })
})

describe('400', () => {
  test.each([
    ['a name', 'scope=PIPES:READ:kpis'],
    ['a name', 'name=&scope=TOKENS'],
    ['a name', 'name=a%0Ab&scope=TOKENS'],
    ['a name', `name=${'a'.repeat(257)}&scope=TOKENS`],
    ['a scope', 'name=x'],
    ['a known scope', 'name=x&scope=EVERYTHING'],
    ['a known scope', 'name=x&scope=constructor'],
    ['a known scope', 'name=x&scope=DATASOURCES:TOUCH:events'],
    ['a resource', 'name=x&scope=DATASOURCES:READ'],
    ['a resource', 'name=x&scope=PIPES:READ:'],
    ['a data source that exists', 'name=x&scope=DATASOURCES:READ:nothing'],
    ['a data source, not a pipe', 'name=x&scope=DATASOURCES:READ:kpis'],
    ['a pipe, not a data source', 'name=x&scope=PIPES:READ:events'],
    ['a resource that is no member of Object', 'name=x&scope=PIPES:READ:__proto__'],
    ['no filter', "name=x&scope=DATASOURCES:READ:events:a='b'"],
    ['no resource behind ADMIN', 'name=x&scope=ADMIN:events'],
    ['at most 100 scopes', `name=x&${'scope=TOKENS&'.repeat(101)}`],
  ])('a static token needs %s (%s)', async (_what, query) => {
    const before = (await api.deps.catalog.listTokens(workspaceId)).length
    expect((await api.call('POST', `/v0/tokens?${query}`, admin)).status).toBe(400)
    expect(await api.deps.catalog.listTokens(workspaceId)).toHaveLength(before)
  })

  test('fixed parameters and filters of a static token are refused, never left out', async () => {
    const scopes = [
      { type: 'PIPES:READ', resource: 'kpis', fixed_params: { tenant: 'a' } },
      { type: 'DATASOURCES:READ', resource: 'events', filter: 'a = 1' },
    ]
    for (const scope of scopes) {
      const body = JSON.stringify({ name: 'n', scopes: [scope] })
      expect((await api.call('POST', '/v0/tokens', admin, { body })).status).toBe(400)
    }
  })

  test('tokens of the workspace and of datafiles are not changed or removed by hand', async () => {
    await api.deps.catalog.replaceDatafileTokens(workspaceId, [
      { name: 'from file', scopes: [], origin: { type: 'DS', resourceId: EVENTS } },
    ])
    for (const name of ['from file', 'workspace admin token']) {
      const path = `/v0/tokens/${encodeURIComponent(name)}`
      expect((await api.call('DELETE', path, admin)).status).toBe(400)
      expect((await api.call('PUT', `${path}?scope=TOKENS`, admin)).status).toBe(400)
    }
    expect(await list(admin)).toHaveLength(2)
  })
})

describe('403', () => {
  test.each([
    'GET /v0/tokens',
    'POST /v0/tokens?name=x&scope=TOKENS',
    'GET /v0/tokens/x',
    'PUT /v0/tokens/x?scope=ADMIN',
    'POST /v0/tokens/x/refresh',
    'DELETE /v0/tokens/x',
  ])('%s by a token with every scope but ADMIN and TOKENS, and by nobody', async (line) => {
    const [method = '', path = ''] = line.split(' ')
    const strong = await valueWith(
      'DATASOURCES:CREATE',
      'DATASOURCES:READ:events',
      'DATASOURCES:APPEND:events',
      'DATASOURCES:DROP:events',
      'PIPES:CREATE',
      'PIPES:READ:kpis',
      'PIPES:DROP:kpis',
      'WORKSPACE:READ_ALL',
      'ORG_DATASOURCES:READ',
    )
    for (const token of [strong, null])
      expect((await api.call(method, path, token)).status).toBe(403)
  })

  test('TOKENS does not become ADMIN: it can neither create, see, change, refresh nor remove such a token', async () => {
    const keeper = await valueWith('TOKENS')
    const strong = await create('name=strong&scope=ADMIN')
    for (const [method, path] of [
      ['POST', '/v0/tokens?name=new&scope=ADMIN'],
      ['POST', '/v0/tokens?name=new&scope=PIPES:READ:kpis&scope=ADMIN_USER'],
      ['PUT', '/v0/tokens/strong?scope=PIPES:READ:kpis'],
      ['POST', `/v0/tokens/${strong.id}/refresh`],
      ['POST', '/v0/tokens/workspace%20admin%20token/refresh'],
      ['DELETE', '/v0/tokens/strong'],
    ] as const) {
      expect((await api.call(method, path, keeper)).status, `${method} ${path}`).toBe(403)
    }
    const weak = await create('name=weak&scope=PIPES:READ:kpis', keeper)
    expect((await api.call('PUT', `/v0/tokens/${weak.id}?scope=ADMIN`, keeper)).status).toBe(403)
    const seen = await list(keeper)
    expect(seen.find((each) => each.name === 'strong')).not.toHaveProperty('token')
    expect(seen.find((each) => each.name === 'workspace admin token')).not.toHaveProperty('token')
    expect(seen.find((each) => each.name === 'weak')?.token).toBe(weak.token)
    expect((await api.call('GET', '/v1/workspace', strong.token ?? '')).status).toBe(200)
  })

  test('ADMIN of the default workspace does not become ruler of the server', async () => {
    const { workspaceAdminToken, userToken } = api.home
    const seen = await list(workspaceAdminToken)
    expect(seen.map((each) => each.name)).toEqual(
      expect.arrayContaining(['user token', 'admin token']),
    )
    expect(seen.filter((each) => each.token !== undefined).map((each) => each.name)).toEqual([
      'workspace admin token',
    ])
    expect(
      (await api.call('POST', '/v0/tokens?name=x&scope=ADMIN_USER', workspaceAdminToken)).status,
    ).toBe(403)
    expect(
      (await api.call('POST', '/v0/tokens/user%20token/refresh', workspaceAdminToken)).status,
    ).toBe(403)
    const byValue = await api.call('GET', `/v0/tokens/${userToken}`, workspaceAdminToken)
    expect(byValue.body).not.toHaveProperty('token')
  })
})

describe('404', () => {
  test('tokens of another workspace, by id, name or value, and they stay as they are', async () => {
    const theirs = await create('name=theirs&scope=PIPES:READ:kpis')
    const other = (await api.deps.catalog.createWorkspace({ name: `w_${randomUUID()}` })).adminToken
      .value
    for (const key of [theirs.id, 'theirs', theirs.token ?? '']) {
      for (const [method, path] of [
        ['GET', `/v0/tokens/${key}`],
        ['PUT', `/v0/tokens/${key}?scope=TOKENS`],
        ['POST', `/v0/tokens/${key}/refresh`],
        ['DELETE', `/v0/tokens/${key}`],
      ] as const) {
        expect((await api.call(method, path, other)).status, `${method} ${path}`).toBe(404)
      }
    }
    expect((await api.call('GET', '/v1/workspace', theirs.token ?? '')).status).toBe(200)
  })
})

describe('409', () => {
  test('a name that is taken', async () => {
    await create('name=same&scope=TOKENS')
    expect((await api.call('POST', '/v0/tokens?name=same&scope=TOKENS', admin)).status).toBe(409)
  })
})
