import { afterAll, beforeAll, expect, test } from 'vitest'

import { createApiApp, type ApiApp } from '../../app.ts'
import { PRODUCT_VERSION } from '../../product-version.ts'
import { startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'
import { healthRoutes } from './health.ts'

let api: QueryApi
let app: ApiApp

beforeAll(async () => {
  api = await startQueryApi({})
  app = createApiApp(api.deps, [healthRoutes])
})
afterAll(() => api.stop())

async function told(token: string | null): Promise<unknown> {
  const headers = token === null ? {} : { Authorization: `Bearer ${token}` }
  const answer = await app.request('/v0/health', { headers })
  return { status: answer.status, body: await answer.json() }
}

test('the version is told to static tokens of the server, and to nobody else', async () => {
  const body = { status: 'ok', catalog: 'ok', engine: 'ok' }
  const narrow = await api.token({ type: 'DATASOURCES:CREATE' })
  for (const token of [api.adminToken, narrow])
    expect(await told(token)).toEqual({ status: 200, body: { ...body, version: PRODUCT_VERSION } })
  const jwt = await api.deps.catalog.createJwt(api.workspaceId, {
    ...{ name: 'x', expiresAt: Math.floor(Date.now() / 1_000) + 600, limits: {} },
    scopes: [{ type: 'PIPES:READ', resource: 'x', filter: null, fixedParams: null }],
  })
  for (const token of [null, '', 'p.made.up', `${api.adminToken}x`, jwt, 'x'.repeat(9_000)])
    expect(await told(token)).toEqual({ status: 200, body })
})
