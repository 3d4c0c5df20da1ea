import { randomUUID } from 'node:crypto'

import { documentConflictSchema, queryDocumentSchema } from '@sandpiper/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startManagementApi, type TestApi } from '../../../test/start-management-api.ts'

let api: TestApi
let admin: string

beforeAll(async () => {
  api = await startManagementApi()
  admin = api.home.workspaceAdminToken
})
afterAll(() => api.stop())

async function ask(
  method: string,
  path: string,
  json?: unknown,
  token = admin,
): Promise<{ status: number; body: unknown }> {
  const { status, body } = await api.call(method, `/v0/console${path}`, token, {
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
  return { status, body }
}

const TILE = {
  id: 't1',
  title: 'Visits',
  chart: { type: 'line', x: 'hour', y: ['visits'] },
  source: { pipe: 'visits' },
  layout: { x: 0, y: 0, w: 6, h: 4 },
}
const CONTENT: Readonly<Record<string, object>> = {
  drafts: { content: 'NODE n\nSQL >\n  SELECT 1\n', base: null },
  queries: { name: 'Top pages', sql: 'SELECT 1' },
  dashboards: { name: 'Traffic', tiles: [TILE] },
}
const KINDS = ['drafts', 'queries', 'dashboards'] as const
const idFor = (kind: string): string =>
  kind === 'drafts' ? `p${randomUUID().replaceAll('-', '')}.pipe` : randomUUID()

async function tokenOf(...scopes: ('ADMIN' | 'TOKENS' | 'WORKSPACE:READ_ALL')[]): Promise<string> {
  const workspace = await workspaceId()
  const made = await api.deps.catalog.createToken({
    workspaceId: workspace,
    name: randomUUID(),
    scopes: scopes.map((type) => ({ type, resource: null, filter: null, fixedParams: null })),
    origin: { type: 'C', resourceId: null },
  })
  return made.value
}

async function workspaceId(): Promise<string> {
  return (await api.deps.catalog.findToken(admin))?.workspaceId ?? ''
}

describe.each(KINDS)('%s', (kind) => {
  const content = CONTENT[kind]!

  test('are made, listed, read, replaced and removed', async () => {
    const id = idFor(kind)
    const made = await ask('PUT', `/${kind}/${id}`, { content })
    expect(made).toMatchObject({
      status: 200,
      body: { id, revision: 1, content, edited_by: 'workspace admin token' },
    })
    expect(await ask('GET', `/${kind}/${id}`)).toEqual(made)
    const { documents } = (await ask('GET', `/${kind}`)).body as { documents: { id: string }[] }
    const listed = documents.find((each) => each.id === id)
    expect(listed).toMatchObject({ id, revision: 1 })
    expect(listed).not.toHaveProperty('content')
    expect(await ask('PUT', `/${kind}/${id}`, { revision: 1, content })).toMatchObject({
      status: 200,
      body: { revision: 2 },
    })
    expect(await ask('DELETE', `/${kind}/${id}`)).toEqual({ status: 200, body: { ok: true } })
    for (const method of ['GET', 'DELETE'])
      expect((await ask(method, `/${kind}/${id}`)).status).toBe(404)
  })

  test('that somebody else changed are not overwritten, nor removed: 409 names both revisions', async () => {
    const path = `/${kind}/${idFor(kind)}`
    await ask('PUT', path, { content })
    await ask('PUT', path, { revision: 1, content })
    for (const [method, at, json, yours] of [
      ['PUT', path, { revision: 1, content }, 1],
      ['PUT', path, { content }, 0],
      ['DELETE', `${path}?revision=1`, undefined, 1],
    ] as const) {
      const refused = await ask(method, at, json)
      expect(refused.status).toBe(409)
      const body = documentConflictSchema.parse(refused.body)
      expect([body.current_revision, body.your_revision]).toEqual([2, yours])
      expect(body.error).toContain('revision 2')
    }
    expect((await ask('GET', path)).body).toMatchObject({ revision: 2 })
    await ask('DELETE', `${path}?revision=2`)
    expect(await ask('PUT', path, { revision: 2, content })).toMatchObject({
      status: 409,
      body: { current_revision: 0, your_revision: 2 },
    })
  })

  test('are written by admins only, and read by nobody without their rights', async () => {
    const path = `/${kind}/${idFor(kind)}`
    await ask('PUT', path, { content })
    const reader = await tokenOf('WORKSPACE:READ_ALL')
    const manager = await tokenOf('TOKENS')
    for (const token of [reader, manager]) {
      for (const [method, at] of [
        ['PUT', path],
        ['DELETE', path],
        ...(kind === 'drafts' ? [] : [['POST', `/${kind}`] as const]),
        ...(kind === 'dashboards' ? [['POST', `${path}/shares`] as const] : []),
      ] as const)
        expect((await ask(method, at, { revision: 1, content }, token)).status).toBe(403)
    }
    const readable = kind === 'drafts' ? 403 : 200
    for (const at of [path, `/${kind}`]) {
      expect((await ask('GET', at, undefined, reader)).status).toBe(readable)
      expect((await ask('GET', at, undefined, manager)).status).toBe(403)
    }
    expect((await ask('GET', path)).body).toMatchObject({ revision: 1 })
  })

  test('of a workspace or branch are there for its own admins only', async () => {
    const id = idFor(kind)
    await ask('PUT', `/${kind}/${id}`, { content })
    const { catalog } = api.deps
    const others = await Promise.all([
      catalog.createWorkspace({ name: randomUUID() }),
      catalog.createWorkspace({ name: randomUUID(), mainId: await workspaceId() }),
    ])
    for (const { adminToken } of others) {
      const token = adminToken.value
      for (const method of ['GET', 'DELETE'])
        expect((await ask(method, `/${kind}/${id}`, undefined, token)).status).toBe(404)
      expect((await ask('GET', `/${kind}`, undefined, token)).body).toEqual({ documents: [] })
      expect((await ask('PUT', `/${kind}/${id}`, { content }, token)).body).toMatchObject({
        revision: 1,
      })
    }
    expect((await ask('GET', `/${kind}/${id}`)).body).toMatchObject({ revision: 1 })
  })

  test('are answers that nobody keeps and no other origin reads', async () => {
    const { headers } = await api.call('GET', `/v0/console/${kind}`, admin, {
      headers: { Origin: 'https://evil.example' },
    })
    expect(headers.get('Cache-Control')).toBe('no-store')
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('drafts', () => {
  test('are each token’s own, also among admins', async () => {
    const id = idFor('drafts')
    await ask('PUT', `/drafts/${id}`, { content: CONTENT['drafts'] })
    const colleague = await tokenOf('ADMIN')
    expect((await ask('GET', `/drafts/${id}`, undefined, colleague)).status).toBe(404)
    expect((await ask('DELETE', `/drafts/${id}`, undefined, colleague)).status).toBe(404)
    expect((await ask('GET', '/drafts?content=true', undefined, colleague)).body).toEqual({
      documents: [],
    })
  })

  test('are read all at once to be published', async () => {
    const token = await tokenOf('ADMIN')
    const gone = { content: null, base: 'NODE old\n' }
    await ask('PUT', '/drafts/b.datasource', { content: CONTENT['drafts'] }, token)
    await ask('PUT', '/drafts/a.pipe', { content: gone }, token)
    expect((await ask('GET', '/drafts?content=true', undefined, token)).body).toMatchObject({
      documents: [
        { id: 'a.pipe', content: gone },
        { id: 'b.datasource', content: CONTENT['drafts'] },
      ],
    })
  })

  test.each(['x.sql', '.pipe', '..pipe', 'a-b.pipe', 'a.pipe.txt', '%2e%2e%2fx.pipe', 'x'])(
    'are of files of a project: %s is 400',
    async (id) => {
      expect((await ask('PUT', `/drafts/${id}`, { content: CONTENT['drafts'] })).status).toBe(400)
    },
  )
})

test('the server gives ids to queries and dashboards that come without one', async () => {
  for (const kind of ['queries', 'dashboards'] as const) {
    const made = await ask('POST', `/${kind}`, { content: CONTENT[kind] })
    const { id } = made.body as { id: string }
    expect([made.status, (await ask('GET', `/${kind}/${id}`)).status]).toEqual([201, 200])
  }
  const made = await ask('POST', '/queries', { content: CONTENT['queries'] })
  expect(queryDocumentSchema.parse(made.body).content).toEqual(CONTENT['queries'])
})

describe('what is none is 400, and says where it is wrong', () => {
  const tiles = (...more: object[]): object => ({ name: 'x', tiles: more })
  test.each([
    ['queries', {}, 'name'],
    ['queries', { name: ' ', sql: '' }, 'name'],
    ['queries', { name: 'x', sql: 1 }, 'sql'],
    ['dashboards', { name: 'x' }, 'tiles'],
    ['dashboards', tiles({ ...TILE, chart: { type: 'hologram' } }), 'tiles.0.chart.type'],
    ['dashboards', tiles({ ...TILE, layout: { x: 0, y: 0, w: 13, h: 1 } }), 'tiles.0.layout.w'],
    ['dashboards', tiles({ ...TILE, source: { pipe: 'x', sql: 'SELECT 1' } }), 'tiles.0.source'],
    ['dashboards', tiles(TILE, TILE), 'same id'],
    ['dashboards', { name: 'x', tiles: [], time_range: { last: 'week' } }, 'time_range'],
    ['dashboards', { name: 'x', tiles: [], refresh_seconds: 1 }, 'refresh_seconds'],
    ['drafts', { content: 1, base: null }, 'content'],
    ['drafts', null, 'draft'],
  ])('%s %j', async (kind, content, place) => {
    const refused = await ask('PUT', `/${kind}/${idFor(kind)}`, { content })
    expect(refused.status).toBe(400)
    expect(JSON.stringify(refused.body)).toContain(place)
  })

  test.each([
    ['PUT', '/queries/a b', { content: CONTENT['queries'] }],
    ['PUT', `/queries/${'x'.repeat(65)}`, { content: CONTENT['queries'] }],
    ['PUT', '/queries/x', { revision: -1, content: CONTENT['queries'] }],
    ['PUT', '/queries/x', { revision: '1', content: CONTENT['queries'] }],
    ['PUT', '/queries/x', undefined],
    ['DELETE', '/queries/x?revision=one', undefined],
  ])('%s %s %j', async (method, path, json) => {
    expect((await ask(method, path, json)).status).toBe(400)
  })

  test('and more than 1 MB is 413', async () => {
    const sql = 'x'.repeat(499_000)
    const content = { name: 'x', sql, description: 'é' }
    expect((await ask('PUT', '/queries/big', { content })).status).toBe(200)
    const draft = { content: 'x'.repeat(600_000), base: 'x'.repeat(430_000) }
    expect((await ask('PUT', '/drafts/big.pipe', { content: draft })).status).toBe(413)
    const huge = { content: 'x'.repeat(900_000), base: 'x'.repeat(900_000) }
    expect((await ask('PUT', '/drafts/big.pipe', { content: huge })).status).toBe(413)
  })
})
