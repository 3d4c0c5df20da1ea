// One workspace's heavy queries find a bound, and nobody else waits behind them.
import { createFairSlots } from '@sandpiper/clickhouse'
import { NO_OPS, type RequestOp } from '@sandpiper/telemetry'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startQueryApi, type QueryApi } from '../testing/start-query-api.ts'

const slots = createFairSlots({ max: 3, perKeyMax: 2, waitingPerKeyMax: 1, waitMs: 60_000 })
const ENDLESS =
  'SELECT count() FROM numbers(1000000000) AS a, numbers(1000) AS b WHERE sipHash64(a.number, b.number) = 7'
const noted: RequestOp[] = []
let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi(
    { large: [['n0', "SELECT repeat('x', 1000) AS x FROM numbers(20000)", 'endpoint']] },
    { queryTimeoutSeconds: 60 },
    { querySlots: slots, ops: { ...NO_OPS, request: (row) => noted.push(row) } },
  )
})
afterAll(() => api.stop())

test('beyond its share a workspace waits, then gets 429 with Retry-After, while another is answered', async () => {
  const leaving = new AbortController()
  const heavy = Array.from({ length: 3 }, async () => {
    const init = { method: 'POST', body: ENDLESS, signal: leaving.signal }
    return api.app.request('/v0/sql', {
      ...init,
      headers: { Authorization: `Bearer ${api.adminToken}` },
    })
  })
  await expect.poll(() => ({ ...slots.counters })).toMatchObject({ running: 2, waiting: 1 })
  const refused = await api.call('/v0/sql?q=SELECT+1', api.adminToken)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
  const other = await api.deps.catalog.createWorkspace({ name: 'other' })
  const answered = await api.call('/v0/sql?q=SELECT+1+FORMAT+CSV', other.adminToken.value)
  expect([answered.status, await answered.text()]).toEqual([200, '1\n'])
  leaving.abort()
  await Promise.all(heavy)
  await expect.poll(() => ({ ...slots.counters })).toMatchObject({ running: 0, waiting: 0 })
})

test('every end of a query gives its place back: refused, failed, read to the end, left in the middle', async () => {
  for (const q of [
    'SELECT',
    'SELECT * FROM system.tables',
    'SELECT intDiv(1, number) FROM numbers(2)',
  ])
    await api.call(`/v0/sql?q=${encodeURIComponent(q)}`, api.adminToken)
  await (await api.call('/v0/pipes/large.ndjson', api.adminToken)).text()
  const left = await api.call('/v0/pipes/large.ndjson', api.adminToken)
  expect(slots.counters.running).toBe(1)
  await left.body?.cancel()
  await expect.poll(() => slots.counters.running).toBe(0)
})

test('HEAD of a long answer, whose body nobody reads, gives its place back, and is noted as answered', async () => {
  noted.length = 0
  const answer = await api.call('/v0/pipes/large.ndjson', api.adminToken, { method: 'HEAD' })
  expect([answer.status, answer.body]).toEqual([200, null])
  await expect.poll(() => slots.counters.running, { timeout: 5_000 }).toBe(0)
  await expect.poll(() => noted).toMatchObject([{ method: 'HEAD', statusCode: 200, error: null }])
})
