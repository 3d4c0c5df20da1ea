// Whom limits hold: whoever makes the engine work takes a place and counts, whoever may not read uses up nothing of others.
import { createHmac, randomUUID } from 'node:crypto'

import { createFairSlots } from '@sandpiper/clickhouse'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { EVENTS_ID, startQueryApi, type QueryApi } from '../testing/start-query-api.ts'

const slots = createFairSlots({ max: 1, perKeyMax: 1, waitingPerKeyMax: 10, waitMs: 20 })
const PER_SECOND = 100_000
let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi(
    { plain: [['out', 'SELECT count() AS c FROM events', 'endpoint']] },
    { requestsPerSecond: PER_SECOND },
    { querySlots: slots },
  )
})
afterAll(() => api.stop())

/** A JWT with one request a second, signed as third parties do it. */
function slowJwt(): string {
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    ...{ workspace_id: api.workspaceId, name: randomUUID(), limits: { rps: 1 } },
    exp: Math.floor(Date.now() / 1_000) + 600,
    scopes: [{ type: 'PIPES:READ', resource: 'plain' }],
  }
  const text = `${encode({ alg: 'HS256' })}.${encode(claims)}`
  return `${text}.${createHmac('sha256', api.adminToken).update(text).digest('base64url')}`
}

test('what is asked of the engine before the rows takes a place too: columns and plans', async () => {
  const giveBack = await slots.take('another', new AbortController().signal)
  const heavy = encodeURIComponent('SELECT (SELECT count() FROM events, events AS b) AS a')
  for (const more of ['', '&finalize_aggregations=true', '&explain=true']) {
    const { status } = await api.call(`/v0/sql?q=${heavy}${more}`, api.adminToken)
    expect([more, status]).toEqual([more, 429])
  }
  giveBack()
  for (const more of ['', '&finalize_aggregations=true', '&explain=true']) {
    const { status } = await api.call(`/v0/sql?q=${heavy}${more}`, api.adminToken)
    expect([more, status]).toEqual([more, 200])
  }
  expect(slots.counters.running).toBe(0)
})

test('a token that may not read counts against nobody', async () => {
  const append = await api.token({ type: 'DATASOURCES:APPEND', resource: EVENTS_ID })
  for (const path of ['/v0/sql?q=SELECT+1', '/v0/pipes/plain.json']) {
    const refused = await api.call(path, append)
    expect([refused.status, refused.headers.get('X-RateLimit-Limit')]).toEqual([403, null])
    const counted = await api.call(path, api.adminToken)
    expect([counted.status, counted.headers.get('X-RateLimit-Limit')]).toEqual([
      200,
      String(PER_SECOND),
    ])
  }
})

test('the limit of a JWT holds wherever it is taken', async () => {
  for (const path of [
    ...['/v0/pipes/plain.json', '/v0/sql?q=SELECT+1', '/v0/pipes/openapi.json'],
    '/examples/query.http?pipe=plain',
  ]) {
    const token = slowJwt()
    const answers = await Promise.all([1, 2, 3].map(() => api.call(path, token)))
    expect([path, answers.filter(({ status }) => status === 429).length > 0]).toEqual([path, true])
  }
})

test('branches take their requests of the plan of their workspace', async () => {
  const { catalog } = api.deps
  const branches = await Promise.all(
    ['one', 'two'].map((name) => catalog.createWorkspace({ name, mainId: api.workspaceId })),
  )
  await catalog.changeWorkspaceLimits(api.workspaceId, { rps: 1 })
  const tokens = [api.adminToken, ...branches.map(({ adminToken }) => adminToken.value)]
  const answers = await Promise.all(tokens.map((each) => api.call('/v0/sql?q=SELECT+1', each)))
  const described = await api.call('/v0/pipes/openapi.json', api.adminToken)
  await catalog.changeWorkspaceLimits(api.workspaceId, { rps: null })
  expect(described.headers.get('X-RateLimit-Limit')).toBe('1')
  const texts = await Promise.all(answers.map((each) => each.text()))
  expect(texts.filter((text) => text.includes('The workspace'))).toHaveLength(2)
})

test('blanks that a caller puts into an error hold up nobody', async () => {
  const began = performance.now()
  for (const sql of [
    `SELECT toUInt64('${' '.repeat(60_000)}x')`,
    "SELECT toUInt64(concat(repeat(' ', 900000), 'x'))",
  ]) {
    const { status } = await api.call('/v0/sql', api.adminToken, { method: 'POST', body: sql })
    expect(status).toBe(400)
  }
  const next = await api.call('/v0/sql?q=SELECT+1', api.adminToken)
  expect(next.status).toBe(200)
  // Read from each blank anew they take minutes, in which the engine answers nobody.
  expect(performance.now() - began).toBeLessThan(9_000)
})
