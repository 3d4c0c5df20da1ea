import { randomUUID } from 'node:crypto'

import {
  dashboardDocumentSchema,
  dashboardShareSchema,
  dashboardShareSummarySchema,
  type DashboardShareBody,
} from '@sandpiper/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createApiApp, type ApiApp } from '../../app.ts'
import { startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'
import { queryRoutes } from '../query-routes.ts'
import { consoleDocumentRoutes } from './console-documents.ts'

let api: QueryApi
let app: ApiApp

beforeAll(async () => {
  api = await startQueryApi({
    by_name: [
      ['rows', `% SELECT name, n FROM events WHERE name = {{String(tenant, 'a')}}`, 'endpoint'],
    ],
    per_day: [['days', `% SELECT day, {{String(tenant, 'a')}} AS who FROM events`, 'endpoint']],
    totals: [['all', 'SELECT count() AS rows FROM events', 'endpoint']],
    other: [['secret', 'SELECT name FROM users', 'endpoint']],
  })
  app = createApiApp(api.deps, [consoleDocumentRoutes, queryRoutes])
})
afterAll(() => api.stop())

type Source = { pipe: string; params?: Record<string, string> } | { sql: string }

async function ask(
  method: string,
  path: string,
  json?: unknown,
  token = api.adminToken,
): Promise<{ status: number; body: unknown }> {
  const answer = await app.request(path, {
    ...{ method, headers: { Authorization: `Bearer ${token}` } },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
  return { status: answer.status, body: await answer.json() }
}

async function dashboard(sources: readonly Source[], more: object = {}): Promise<string> {
  const id = randomUUID()
  const tiles = sources.map((source, n) => ({
    id: `t${n}`,
    title: `Tile ${n}`,
    chart: { type: 'table' },
    source,
    layout: { x: 0, y: n, w: 4, h: 2 },
  }))
  const content = { name: 'A dashboard', tiles, ...more }
  expect((await ask('PUT', `/v0/console/dashboards/${id}`, { content })).status).toBe(200)
  return id
}

const inAnHour = (): number => Math.floor(Date.now() / 1_000) + 3_600

async function share(id: string, more: object = {}): Promise<string> {
  const made = await ask('POST', `/v0/console/dashboards/${id}/shares`, {
    expiration_time: inAnHour(),
    ...more,
  })
  expect(made).toMatchObject({ status: 201 })
  return dashboardShareSchema.parse(made.body).token
}

const read = async (id: string, token: string): Promise<number> =>
  (await ask('GET', `/v0/console/dashboards/${id}`, undefined, token)).status

describe('a link to a dashboard', () => {
  test('shows the dashboard and the rows of its endpoints, with the parameters that were fixed', async () => {
    const id = await dashboard([{ pipe: 'by_name' }, { pipe: 'per_day' }])
    const token = await share(id, { fixed_params: { tenant: 'b' } })
    const shown = await ask('GET', `/v0/console/dashboards/${id}`, undefined, token)
    expect(dashboardDocumentSchema.parse(shown.body).content.name).toBe('A dashboard')
    for (const tenant of ['a', 'b', '%']) {
      const rows = await ask('GET', `/v0/pipes/by_name.json?tenant=${tenant}`, undefined, token)
      expect(rows.body).toMatchObject({ data: [{ name: 'b', n: 2 }] })
    }
  })

  test('opens nothing else', async () => {
    const id = await dashboard([{ pipe: 'by_name' }])
    const sibling = await dashboard([{ pipe: 'by_name' }])
    const token = await share(id, { fixed_params: { tenant: 'b' } })
    expect(await read(id, token)).toBe(200)
    for (const [method, path] of [
      ['GET', `/v0/console/dashboards/${sibling}`],
      ['GET', `/v0/console/dashboards/${randomUUID()}`],
      ['GET', '/v0/console/dashboards'],
      ['GET', '/v0/console/queries'],
      ['GET', '/v0/console/drafts'],
      ['PUT', `/v0/console/dashboards/${id}`],
      ['DELETE', `/v0/console/dashboards/${id}`],
      ['POST', `/v0/console/dashboards/${id}/shares`],
      ['GET', '/v0/pipes/other.json'],
      ['GET', '/v0/pipes/totals.json'],
      ['GET', '/v0/pipes/by_name/explain'],
      ['GET', '/v0/sql?q=SELECT%20*%20FROM%20events'],
      ['GET', '/v0/sql?q=SELECT%20*%20FROM%20users'],
      ['GET', '/v0/sql?q=SELECT%20*%20FROM%20other'],
    ] as const) {
      const json = method === 'GET' ? undefined : { content: {} }
      expect([path, (await ask(method, path, json, token)).status]).toEqual([path, 403])
    }
    // What it may read it may read in SQL, too: with the same parameters.
    const over = '/v0/sql?q=SELECT%20DISTINCT%20name%20FROM%20by_name&tenant=a'
    expect((await ask('GET', over, undefined, token)).body).toMatchObject({ data: [{ name: 'b' }] })
  })

  test('tells nobody for whom else the dashboard is, nor who made it', async () => {
    const id = await dashboard([{ pipe: 'by_name', params: { tenant: 'acme', top: '5' } }], {
      parameters: [
        { name: 'tenant', type: 'select', default: 'acme', options: ['acme', 'umbrella'] },
        { name: 'top', type: 'number' },
      ],
    })
    const token = await share(id, { fixed_params: { tenant: 'b' } })
    const { body } = await ask('GET', `/v0/console/dashboards/${id}`, undefined, token)
    expect(JSON.stringify(body)).not.toMatch(/acme|umbrella|admin/)
    const { content, edited_by } = dashboardDocumentSchema.parse(body)
    expect(content.tiles[0]?.source).toEqual({ pipe: 'by_name', params: { top: '5' } })
    expect([content.parameters.map(({ name }) => name), edited_by]).toEqual([['top'], ''])
    const own = await ask('GET', `/v0/console/dashboards/${id}`)
    expect(JSON.stringify(own.body)).toMatch(/acme.*umbrella/)
  })

  test('shows nothing any more once the dashboard shows what the link does not, or is gone', async () => {
    const id = await dashboard([{ pipe: 'by_name' }])
    const token = await share(id)
    const tile = (source: Source): object => ({
      ...{ id: 'a', title: '', chart: { type: 'table' }, source },
      layout: { x: 0, y: 0, w: 1, h: 1 },
    })
    const path = `/v0/console/dashboards/${id}`
    for (const [n, source] of [
      { pipe: 'other' },
      { sql: 'SELECT 1' },
      { pipe: 'nowhere' },
    ].entries()) {
      const tiles = [tile({ pipe: 'by_name' }), { ...tile(source), id: 'b' }]
      await ask('PUT', path, { revision: n + 1, content: { name: 'x', tiles } })
      expect([source, await read(id, token)]).toEqual([source, 403])
    }
    await ask('PUT', path, { revision: 4, content: { name: 'x', tiles: [] } })
    expect(await read(id, token)).toBe(403)
    const tiles = [tile({ pipe: 'by_name' })]
    await ask('PUT', path, { revision: 5, content: { name: 'x', tiles } })
    expect(await read(id, token)).toBe(200)
    await ask('DELETE', path)
    expect(await read(id, token)).toBe(403)
  })

  test('ends when it was to end, and when the key that signed it is changed', async () => {
    const id = await dashboard([{ pipe: 'by_name' }])
    const token = await share(id)
    const { catalog } = api.deps
    const ended = await catalog.createJwt(api.workspaceId, {
      ...{ name: `dashboard:${id}`, expiresAt: Math.floor(Date.now() / 1_000) - 1, limits: {} },
      scopes: [{ type: 'PIPES:READ', resource: 'by_name', filter: null, fixedParams: null }],
    })
    expect([await read(id, token), await read(id, ended)]).toEqual([200, 403])
    const refreshed = await catalog.refreshToken(api.workspaceId, 'workspace admin token')
    expect(await read(id, token)).toBe(403)
    Object.assign(api, { adminToken: refreshed?.value })
  })
})

test('requests for dashboards and links count against the token, those of nobody against none', async () => {
  const id = await dashboard([{ pipe: 'by_name' }])
  const token = await share(id, { limits: { rps: 2 } })
  const path = `/v0/console/dashboards/${id}`
  const headers = { Authorization: `Bearer ${token}` }
  const counted = await app.request(path, { headers })
  expect(counted.headers.get('X-RateLimit-Limit')).toBe('2')
  const statuses = [counted.status, await read(id, token), await read(id, token)]
  expect(statuses).toEqual([200, 200, 429])
  const refused = await ask('GET', '/v0/pipes/by_name.json', undefined, token)
  expect(refused.status).toBe(429)
  const limited = await api.deps.catalog.createToken({
    ...{ workspaceId: api.workspaceId, name: randomUUID(), limits: { rps: 1 } },
    scopes: [{ type: 'WORKSPACE:READ_ALL', resource: null, filter: null, fixedParams: null }],
    origin: { type: 'C', resourceId: null },
  })
  const list = (): Promise<{ status: number; body: unknown }> =>
    ask('GET', '/v0/console/dashboards', undefined, limited.value)
  expect([(await list()).status, (await list()).status]).toEqual([200, 429])
  expect(await read(id, api.adminToken)).toBe(200)
})

describe('links', () => {
  const list = async (id: string, token = api.adminToken) =>
    ask('GET', `/v0/console/dashboards/${id}/shares`, undefined, token)
  const end = (id: string, share: string, token = api.adminToken) =>
    ask('DELETE', `/v0/console/dashboards/${id}/shares/${share}`, undefined, token)
  async function made(id: string): Promise<DashboardShareBody> {
    const { body } = await ask('POST', `/v0/console/dashboards/${id}/shares`, {
      ...{ expiration_time: inAnHour(), fixed_params: { tenant: 'b' } },
    })
    return dashboardShareSchema.parse(body)
  }
  async function listed(id: string): Promise<string[]> {
    const { shares } = (await list(id)).body as { shares: unknown[] }
    return shares.map((each) => dashboardShareSummarySchema.parse(each).id)
  }
  /** Everything that a link opens, all of it in one answer: what it may not is 403. */
  const statuses = async (id: string, token: string): Promise<number[]> => [
    await read(id, token),
    ...(await Promise.all(
      [
        '/v0/pipes/by_name.json',
        '/v0/pipes/by_name.csv?q=SELECT%201%20FROM%20_',
        '/v0/sql?q=SELECT%20name%20FROM%20by_name',
      ].map(async (path) => {
        const answer = await app.request(path, { headers: { Authorization: `Bearer ${token}` } })
        await answer.text()
        return answer.status
      }),
    )),
  ]
  const OPEN = [200, 200, 200, 200]
  const SHUT = [403, 403, 403, 403]

  test('are listed with who made them, for what and until when, never with their JWTs', async () => {
    const id = await dashboard([{ pipe: 'by_name' }])
    const share = await made(id)
    const { status, body } = await list(id)
    expect([status, JSON.stringify(body).includes(share.token)]).toEqual([200, false])
    expect(body).toMatchObject({
      shares: [
        {
          ...{ id: share.id, made_by: 'workspace admin token', expires_at: share.expires_at },
          ...{ pipes: ['by_name'], fixed_params: { tenant: 'b' } },
        },
      ],
    })
    expect((await list(randomUUID())).status).toBe(404)
  })

  test('are ended one by one: the JWT opens nothing any more, that of another link all it did', async () => {
    const id = await dashboard([{ pipe: 'by_name' }])
    const [one, two] = [await made(id), await made(id)]
    expect([await statuses(id, one.token), await statuses(id, two.token)]).toEqual([OPEN, OPEN])
    expect(await end(id, one.id)).toEqual({ status: 200, body: { ok: true } })
    expect([await statuses(id, one.token), await statuses(id, two.token)]).toEqual([SHUT, OPEN])
    const refused = await ask('GET', '/v0/pipes/by_name.json', undefined, one.token)
    expect(refused.body).toEqual({ error: 'This link to a dashboard was ended.' })
    expect(await listed(id)).toEqual([two.id])
    expect((await end(id, one.id)).status).toBe(404)
  })

  test('end with the dashboard, also when there is one of its id again', async () => {
    const id = await dashboard([{ pipe: 'by_name' }])
    const shares = [await made(id), await made(id)]
    const path = `/v0/console/dashboards/${id}`
    const { content } = (await ask('GET', path)).body as { content: unknown }
    await ask('DELETE', path)
    await ask('PUT', path, { content })
    for (const { token } of shares) expect(await statuses(id, token)).toEqual(SHUT)
    expect(await listed(id)).toEqual([])
  })

  test('are seen and ended by admins of their workspace only, never by a JWT of one', async () => {
    const id = await dashboard([{ pipe: 'by_name' }])
    const share = await made(id)
    for (const mainId of [undefined, api.workspaceId]) {
      const { adminToken } = await api.deps.catalog.createWorkspace({
        name: randomUUID(),
        ...(mainId === undefined ? {} : { mainId }),
      })
      // Also where there is a dashboard of the same id.
      const content = { name: 'x', tiles: [] }
      await ask('PUT', `/v0/console/dashboards/${id}`, { content }, adminToken.value)
      expect((await list(id, adminToken.value)).body).toEqual({ shares: [] })
      expect((await end(id, share.id, adminToken.value)).status).toBe(404)
    }
    const others = [
      share.token,
      await api.token({ type: 'WORKSPACE:READ_ALL' }),
      await api.token({ type: 'TOKENS' }),
      await api.token({ type: 'PIPES:READ', resource: 'by_name' }),
    ]
    for (const token of others)
      expect([(await list(id, token)).status, (await end(id, share.id, token)).status]).toEqual([
        403, 403,
      ])
    const sibling = await dashboard([{ pipe: 'by_name' }])
    for (const [of, share_] of [
      [sibling, share.id],
      [id, "' OR 1=1 --"],
      [id, '%00'],
    ] as const)
      expect((await end(of, encodeURIComponent(share_))).status).toBe(404)
    expect(await statuses(id, share.token)).toEqual(OPEN)
  })

  test('of a backend’s own making are no business of this list', async () => {
    const id = await dashboard([{ pipe: 'by_name' }])
    await ask('POST', `/v0/tokens?expiration_time=${inAnHour()}`, {
      ...{ name: `dashboard:${id}`, jti: 'x' },
      scopes: [{ type: 'PIPES:READ', resource: 'by_name' }],
    })
    expect(await listed(id)).toEqual([])
  })
})

describe('a dashboard', () => {
  test('is read by a token that may read all its endpoints, and by no narrower one', async () => {
    const id = await dashboard([{ pipe: 'by_name' }, { pipe: 'totals' }])
    const scope = (pipe: string) =>
      ({ type: 'PIPES:READ', resource: pipe, filter: null, fixedParams: null }) as const
    const jwt = (...pipes: string[]): Promise<string> =>
      api.deps.catalog.createJwt(api.workspaceId, {
        ...{ name: 'of a backend', expiresAt: inAnHour(), limits: {} },
        scopes: pipes.map(scope),
      })
    expect(await read(id, await jwt('by_name', 'totals'))).toBe(200)
    for (const pipes of [['by_name'], ['totals', 'other'], []])
      expect(await read(id, await jwt(...pipes))).toBe(403)
    expect(await read(id, await api.token({ type: 'WORKSPACE:READ_ALL' }))).toBe(200)
    expect(await read(id, await api.token({ type: 'TOKENS' }))).toBe(403)
  })

  test('of another workspace or branch is not there', async () => {
    const id = await dashboard([{ pipe: 'by_name' }])
    for (const mainId of [undefined, api.workspaceId]) {
      const { workspace } = await api.deps.catalog.createWorkspace({
        name: randomUUID(),
        ...(mainId === undefined ? {} : { mainId }),
      })
      const token = await api.deps.catalog.createJwt(workspace.id, {
        ...{ name: `dashboard:${id}`, expiresAt: inAnHour(), limits: {} },
        scopes: [{ type: 'PIPES:READ', resource: 'by_name', filter: null, fixedParams: null }],
      })
      expect(await read(id, token)).toBe(403)
    }
  })
})

describe('no link is made', () => {
  test.each([
    ['with SQL', [{ pipe: 'by_name' }, { sql: 'SELECT 1' }], {}, 'Tile 1'],
    ['without tiles', [], {}, 'no tiles'],
    ['of an endpoint that is not there', [{ pipe: 'nowhere' }], {}, 'nowhere'],
    [
      'that would show an endpoint without the fixed parameter',
      [{ pipe: 'by_name' }, { pipe: 'totals' }],
      { fixed_params: { tenant: 'b' } },
      '"totals" takes no parameter "tenant"',
    ],
    ['that has ended', [{ pipe: 'by_name' }], { expiration_time: 1 }, 'expiration_time'],
    ['without an end', [{ pipe: 'by_name' }], { expiration_time: null }, 'expiration_time'],
    ['with no such limit', [{ pipe: 'by_name' }], { limits: { rps: 0 } }, 'rps'],
  ])('%s', async (_, sources, more, says) => {
    const id = await dashboard(sources)
    const refused = await ask('POST', `/v0/console/dashboards/${id}/shares`, {
      ...{ expiration_time: inAnHour() },
      ...more,
    })
    expect(refused.status).toBe(400)
    expect((refused.body as { error: string }).error).toContain(says)
  })

  test('of an unfixed endpoint, but when it is named', async () => {
    const id = await dashboard([{ pipe: 'by_name' }, { pipe: 'totals' }])
    const token = await share(id, { fixed_params: { tenant: 'b' }, unfixed_pipes: ['totals'] })
    expect((await ask('GET', '/v0/pipes/totals.json', undefined, token)).status).toBe(200)
  })

  test('of a dashboard that is not there', async () => {
    const path = `/v0/console/dashboards/${randomUUID()}/shares`
    expect((await ask('POST', path, { expiration_time: inAnHour() })).status).toBe(404)
  })
})
