import { afterAll, beforeAll, expect, test } from 'vitest'

import { startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi({ one: [['n0', 'SELECT 1 AS one', 'endpoint']] })
})
afterAll(() => api.stop())

test('without an engine the answer is 503 with Retry-After, and says nothing of sockets', async () => {
  expect((await api.call('/v0/pipes/one.json', api.adminToken)).status).toBe(200)
  await api.engine.kill()
  for (const path of ['/v0/pipes/one.json', '/v0/sql?q=SELECT+1', '/v0/sql?q=SELECT+2']) {
    const answer = await api.call(path, api.adminToken)
    expect([answer.status, answer.headers.get('retry-after')], path).toEqual([503, '1'])
    expect(await answer.text()).not.toMatch(/sock|ECONN|ENOENT/)
  }
})
