import { afterAll, beforeAll, expect, test } from 'vitest'

import { createApiApp, type ApiApp } from '../../app.ts'
import { EVENTS_ID, pipeId, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'
import { dependencyRoutes } from './get-dependencies.ts'

let api: QueryApi
let app: ApiApp
beforeAll(async () => {
  api = await startQueryApi({
    base: [
      ['draft', 'SELECT * FROM events', 'standard'],
      [
        'out',
        '%\nSELECT * FROM draft {% if defined(x) %} JOIN users USING name {% end %}',
        'endpoint',
      ],
    ],
    report: [['out', 'SELECT * FROM base, events_quarantine', 'endpoint']],
    secret: [['out', 'SELECT * FROM users, tinybird.jobs_log', 'endpoint']],
  })
  app = createApiApp(api.deps, [dependencyRoutes])
})
afterAll(() => api.stop())

async function ask(
  query: string,
  token = api.adminToken,
): Promise<[number, Record<string, unknown>]> {
  const reply = await app.request(`/v0/dependencies${query}`, {
    headers: { Authorization: `Bearer ${token}` },
  })
  return [reply.status, (await reply.json()) as Record<string, unknown>]
}

async function dependencies(query: string, token?: string): Promise<unknown> {
  return (await ask(query, token))[1]['dependencies']
}

test('an admin sees what every pipe reads, in every branch of its template', async () => {
  const [status, body] = await ask('')
  expect(status).toBe(200)
  expect(body['dependencies']).toEqual({
    base: ['events', 'users'],
    report: ['base', 'events_quarantine'],
    secret: ['users', 'tinybird.jobs_log'],
    events: [],
    users: [],
  })
  expect(body['nodes']).toContainEqual({ id: pipeId('base'), name: 'base', type: 'pipe' })
  expect(body['edges']).toContainEqual({ from: 'events', to: 'base', type: 'reads' })
})

test('pipes come with what they read, data sources with what reads them, all the way when asked', async () => {
  const names = async (query: string) => Object.keys((await dependencies(query)) as object).sort()
  expect(await names('?pipe=report')).toEqual(['base', 'report'])
  expect(await names('?pipes=report&recursive=true')).toEqual(['base', 'events', 'report', 'users'])
  expect(await names('?datasource=users')).toEqual(['base', 'secret', 'users'])
  expect(await names(`?datasources=${EVENTS_ID}&recursive=true`)).toEqual([
    'base',
    'events',
    'report',
  ])
  expect(await names('?match=re')).toEqual(['report', 'secret'])
  expect(await names('?no_deps=true')).toEqual(['report', 'secret'])
})

test('a token sees no name of what it may not read, and is told nothing by asking', async () => {
  const reader = await api.token({ type: 'PIPES:READ', resource: pipeId('base') })
  expect(await dependencies('', reader)).toEqual({ base: [] })
  const more = await api.token(
    { type: 'PIPES:READ', resource: pipeId('report') },
    { type: 'DATASOURCES:READ', resource: EVENTS_ID },
  )
  expect(await dependencies('', more)).toEqual({ report: ['events_quarantine'], events: [] })
  const [hidden, hiddenBody] = await ask('?pipe=secret', more)
  const [none, noneBody] = await ask('?pipe=nosuch', more)
  expect([hidden, none]).toEqual([403, 403])
  expect(JSON.stringify(hiddenBody).replaceAll('secret', '?')).toBe(
    JSON.stringify(noneBody).replaceAll('nosuch', '?'),
  )
  expect((await ask('?pipe=nosuch'))[0]).toBe(404)
  expect((await ask('', 'p.nothing'))[0]).toBe(403)
})
