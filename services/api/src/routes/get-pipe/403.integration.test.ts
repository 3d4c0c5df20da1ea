import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { EVENTS_ID, pipeId, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi({
    open: [['n0', 'SELECT 1 AS x', 'endpoint']],
    closed: [['n0', 'SELECT name FROM users', 'endpoint']],
    draft: [['n0', 'SELECT 1 AS x', 'standard']],
  })
})
afterAll(() => api.stop())

async function answer(path: string, token: string | null): Promise<[number, string]> {
  const response = await api.call(path, token)
  return [response.status, await response.text()]
}

test.each(['p.e30.nope', 'x', 'eyJhbGciOiJub25lIn0.e30.'])(
  'a token that is not known is 403: %s',
  async (token) => {
    const [status] = await answer('/v0/pipes/open.json', token)
    expect(status).toBe(403)
  },
)

test('no token is 403', async () => {
  const [status, body] = await answer('/v0/pipes/open.json', null)
  expect(status).toBe(403)
  expect(JSON.parse(body)).toEqual({ error: expect.any(String) as string })
})

describe('a token without the scope learns nothing', () => {
  test('the answer is the same whether the pipe exists, has no endpoint, or does not exist', async () => {
    const token = await api.token({ type: 'PIPES:READ', resource: pipeId('open') })
    const masked = async (name: string): Promise<[number, string]> => {
      const [status, body] = await answer(`/v0/pipes/${name}.json`, token)
      return [status, body.replaceAll(name, '?')]
    }
    const closed = await masked('closed')
    expect(closed[0]).toBe(403)
    expect(await masked('draft')).toEqual(closed)
    expect(await masked('nosuch')).toEqual(closed)
    expect(await masked('events')).toEqual(closed)
    expect(await masked(pipeId('closed'))).toEqual(closed)
  })

  test.each([
    ['DATASOURCES:READ', EVENTS_ID],
    ['DATASOURCES:APPEND', EVENTS_ID],
    ['PIPES:DROP', pipeId('open')],
    ['PIPES:CREATE', null],
    ['TOKENS', null],
  ] as const)('%s is no right to read an endpoint', async (type, resource) => {
    const [status] = await answer('/v0/pipes/open.json', await api.token({ type, resource }))
    expect(status).toBe(403)
  })

  test('a deployment it may not see is refused in the same way', async () => {
    const token = await api.token({ type: 'PIPES:READ', resource: pipeId('open') })
    expect((await answer('/v0/pipes/open.json?__tb__deployment=99', token))[0]).toBe(403)
    expect((await answer('/v0/pipes/open.json?__tb__deployment=staging', token))[0]).toBe(403)
  })

  test('a format that does not exist says nothing about a pipe it may not read', async () => {
    const token = await api.token({ type: 'PIPES:READ', resource: pipeId('open') })
    expect((await answer('/v0/pipes/closed.xml', token))[0]).toBe(403)
  })
})

test('a token of another workspace is as good as none', async () => {
  const other = await api.deps.catalog.createWorkspace({ name: 'other' })
  const [status] = await answer('/v0/pipes/open.json', other.adminToken.value)
  expect(status).toBe(404)
})

test('a removed token stops working', async () => {
  const { catalog } = api.deps
  const made = await catalog.createToken({
    workspaceId: api.workspaceId,
    name: 'short',
    scopes: [{ type: 'ADMIN', resource: null, filter: null, fixedParams: null }],
    origin: { type: 'C', resourceId: null },
  })
  expect((await answer('/v0/pipes/open.json', made.value))[0]).toBe(200)
  await catalog.removeToken(api.workspaceId, made.record.id)
  expect((await answer('/v0/pipes/open.json', made.value))[0]).toBe(403)
})
