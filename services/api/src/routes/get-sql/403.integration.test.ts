import { afterAll, beforeAll, expect, test } from 'vitest'

import {
  EVENTS_ID,
  pipeId,
  startQueryApi,
  USERS_ID,
  type QueryApi,
} from '../../testing/start-query-api.ts'

let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi({ top: [['n0', 'SELECT name FROM users', 'endpoint']] })
})
afterAll(() => api.stop())

async function answer(sql: string, token: string | null, more = ''): Promise<[number, string]> {
  const response = await api.call(`/v0/sql?q=${encodeURIComponent(sql)}${more}`, token)
  return [response.status, await response.text()]
}

test('a table the token may not read is refused wherever it stands, like one that does not exist', async () => {
  const token = await api.token({ type: 'DATASOURCES:READ', resource: EVENTS_ID })
  for (const shape of [
    'SELECT * FROM ?',
    'SELECT * FROM events JOIN ? AS o ON 1 = 1',
    'WITH x AS (SELECT * FROM ?) SELECT * FROM x',
    'SELECT (SELECT count() FROM ?)',
    'SELECT name FROM events WHERE name IN (SELECT name FROM ?)',
    'SELECT 1 UNION ALL SELECT 1 FROM ?',
    'SELECT * FROM view(SELECT * FROM ?)',
  ]) {
    const [status, body] = await answer(shape.replace('?', 'users'), token)
    expect([status, body.includes('secret')], shape).toEqual([403, false])
    const [missing, text] = await answer(shape.replace('?', 'nosuch'), token)
    expect([missing, text.replaceAll('nosuch', 'users')], shape).toEqual([status, body])
  }
})

test('IN over a table the token may not read gives nothing away', async () => {
  const token = await api.token({ type: 'DATASOURCES:READ', resource: EVENTS_ID })
  const [status, body] = await answer("SELECT 'secret user' IN users", token)
  expect([400, 403]).toContain(status)
  expect(body).not.toContain('"data"')
})

test('a token that reads nothing runs no SQL at all', async () => {
  const token = await api.token({ type: 'DATASOURCES:APPEND', resource: EVENTS_ID })
  expect(await answer('SELECT 1', token)).toEqual([
    403,
    '{"error":"The token lacks a scope for this: it needs DATASOURCES:READ."}',
  ])
})

test('the quarantine and a pipe over a data source need their own right', async () => {
  const token = await api.token({ type: 'DATASOURCES:READ', resource: USERS_ID })
  expect((await answer('SELECT * FROM top', token))[0]).toBe(403)
  expect((await answer('SELECT * FROM _', token, '&pipeline=top'))[0]).toBe(403)
  const reader = await api.token({ type: 'PIPES:READ', resource: pipeId('top') })
  expect((await answer('SELECT * FROM top', reader))[0]).toBe(200)
  expect((await answer('SELECT * FROM users', reader))[0]).toBe(403)
  expect((await answer('SELECT * FROM users_quarantine', reader))[0]).toBe(403)
})

test.each([null, 'p.e30.nope'])('without a known token it is 403: %s', async (token) => {
  expect((await answer('SELECT 1', token))[0]).toBe(403)
})

test.each(["name = 'b') OR (1", '1 OR (SELECT 1 FROM events)', "name = 'b' --"])(
  'a filter that is no plain condition shows nothing: %s',
  async (filter) => {
    const token = await api.token({ type: 'DATASOURCES:READ', resource: EVENTS_ID, filter })
    const [status] = await answer('SELECT count() FROM events', token)
    expect(status).toBe(400)
  },
)
