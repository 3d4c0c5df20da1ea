import { afterAll, beforeAll, expect, test } from 'vitest'

import { createApiApp } from '../../app.ts'
import { startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'
import { authRoutes } from '../auth/auth.ts'
import { tagRoutes } from './tags.ts'

let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi({})
})
afterAll(() => api.stop())

async function ask(
  method: string,
  path: string,
  json?: unknown,
  token = api.adminToken,
): Promise<{ status: number; json: unknown }> {
  const app = createApiApp(api.deps, [tagRoutes, authRoutes])
  const answer = await app.request(path, {
    ...{ method, headers: { Authorization: `Bearer ${token}` } },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
  return { status: answer.status, json: await answer.json() }
}

const RESOURCES = [{ id: 't_1', name: 'events', type: 'datasource' }]

test('a tag is made, shown, changed and removed', async () => {
  const made = await ask('POST', '/v0/tags', { name: 'billing', resources: RESOURCES })
  expect(made).toMatchObject({ status: 200, json: { name: 'billing', resources: RESOURCES } })
  expect((await ask('GET', '/v0/tags')).json).toMatchObject({ tags: [{ name: 'billing' }] })
  expect((await ask('POST', '/v0/tags', { name: 'billing' })).status).toBe(409)
  const renamed = await ask('PUT', '/v0/tags/billing', { name: 'money' })
  expect(renamed.json).toMatchObject({ name: 'money', resources: RESOURCES })
  expect((await ask('GET', '/v0/tags/billing')).status).toBe(404)
  expect((await ask('PUT', '/v0/tags/money', { resources: [] })).json).toMatchObject({
    name: 'money',
    resources: [],
  })
  expect((await ask('DELETE', '/v0/tags/money')).json).toEqual({ ok: true })
  expect((await ask('DELETE', '/v0/tags/money')).status).toBe(404)
  expect((await ask('GET', '/v0/tags')).json).toEqual({ tags: [] })
})

test.each([
  [{}],
  [{ name: '' }],
  [{ name: 'x'.repeat(129) }],
  [{ name: 'a\nb' }],
  [{ name: 'x', resources: 'events' }],
  [{ name: 'x', resources: [{ id: 't_1' }] }],
  [{ name: 'x', resources: Array.from({ length: 1_001 }, () => RESOURCES[0]) }],
])('what is no tag is 400: %j', async (json) => {
  expect((await ask('POST', '/v0/tags', json)).status).toBe(400)
})

test('tags are for admins, each of a workspace for its own', async () => {
  const token = await api.token({ type: 'TOKENS' })
  for (const [method, path] of [
    ['GET', '/v0/tags'],
    ['POST', '/v0/tags'],
    ['PUT', '/v0/tags/x'],
    ['DELETE', '/v0/tags/x'],
  ] as const)
    expect((await ask(method, path, undefined, token)).status).toBe(403)
  const other = await api.deps.catalog.createWorkspace({ name: 'other' })
  await ask('POST', '/v0/tags', { name: 'mine' })
  const { value } = other.adminToken
  expect((await ask('GET', '/v0/tags', undefined, value)).json).toEqual({ tags: [] })
  expect((await ask('DELETE', '/v0/tags/mine', undefined, value)).status).toBe(404)
})

test('a token that is one is told so, and any other is 403', async () => {
  expect(await ask('GET', '/v0/auth')).toEqual({
    status: 200,
    json: { is_valid: true, is_user: false },
  })
  for (const token of ['p.e30.nope', 'x'])
    expect((await ask('GET', '/v0/auth', undefined, token)).status).toBe(403)
})
