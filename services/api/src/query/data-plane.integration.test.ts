import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createApiApp, type ApiApp } from '../app.ts'
import { allRoutes } from '../routes/all-routes.ts'
import { startQueryApi, type QueryApi } from '../testing/start-query-api.ts'

let api: QueryApi
let app: ApiApp

beforeAll(async () => {
  api = await startQueryApi({ one: [['n0', 'SELECT 1 AS one', 'endpoint']] })
  app = createApiApp(api.deps, allRoutes)
})
afterAll(() => api.stop())

const ORIGIN = { Origin: 'https://evil.example' }
const PREFLIGHT = { ...ORIGIN, 'Access-Control-Request-Method': 'POST' }

function corsHeaders(answer: Response): string[] {
  return [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))
}

test('pipe results and SQL answer other origins', async () => {
  for (const path of [
    '/v0/pipes/one.json',
    '/v0/pipes/one.json/',
    '/v0/sql?q=SELECT+1',
    '/v0/sql/?q=SELECT+1',
  ]) {
    const answer = await app.request(path, {
      headers: { ...ORIGIN, Authorization: `Bearer ${api.adminToken}` },
    })
    expect([answer.status, answer.headers.get('access-control-allow-origin')], path).toEqual([
      200,
      '*',
    ])
    const preflight = await app.request(path, { method: 'OPTIONS', headers: PREFLIGHT })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')], path).toEqual([
      204,
      '*',
    ])
  }
})

describe('management never does', () => {
  test.each([
    '/tokens',
    '/v0/tokens',
    '/v0/pipes',
    '/v0/pipes/one',
    '/v1/pipes/one.pipe',
    '/v0/pipes/one.pipe',
    '/v0/datasources',
    '/v0/datasources/events',
    '/v0/jobs',
    '/v0/regions',
    '/v0/environments',
    '/v1/workspace',
    '/v1/workspaces',
    '/v1/deployments',
    '/v1/build',
    '/v0/pipes/../tokens',
    '/nothing',
  ])('%s', async (path) => {
    for (const init of [
      { headers: { ...ORIGIN, Authorization: `Bearer ${api.adminToken}` } },
      { method: 'OPTIONS', headers: PREFLIGHT },
      { method: 'POST', headers: ORIGIN },
    ]) {
      expect(corsHeaders(await app.request(path, init)), path).toEqual([])
    }
  })
})
