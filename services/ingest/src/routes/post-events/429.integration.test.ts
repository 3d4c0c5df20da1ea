// Quotas, where they are configured: per workspace and per data source, on a clock that never goes back.
import { createRequestQuota, type QuotaOf } from '@sandpiper/tokens'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startIngest, type TestApp, type TestIngest } from '../../testing/start-ingest.ts'

let ingest: TestIngest
let app: TestApp
let now = 0
beforeAll(async () => {
  ingest = await startIngest()
})
afterAll(() => ingest.stop())
beforeEach(() => {
  now = 0
})

const limited = (requestsPerSecond: number | null, perDataSource: number | null): void => {
  app = ingest.appWith(
    { requestsPerSecond, requestsPerSecondPerDataSource: perDataSource },
    { monotonicMs: () => now },
  )
}

interface Told {
  readonly status: number
  readonly quota: (string | null)[]
  readonly retryAfter: string | null
  readonly body: unknown
}

async function post(token: string, query = 'name=events', body = '{"n":1}'): Promise<Told> {
  // Whatever an address is claimed to be: it counts for nothing.
  const headers = { Authorization: `Bearer ${token}`, 'X-Forwarded-For': `10.0.0.${now % 250}` }
  const answer = await app.request(`/v0/events?${query}`, { method: 'POST', body, headers })
  const quota = ['Limit', 'Remaining', 'Reset'].map((name) =>
    answer.headers.get(`X-RateLimit-${name}`),
  )
  return {
    status: answer.status,
    quota,
    retryAfter: answer.headers.get('Retry-After'),
    body: await answer.json(),
  }
}

test('tokens of one workspace share its quota; above it 429 with Retry-After, nothing stored; then it fills again', async () => {
  limited(3, null)
  const { admin, append, create } = ingest.tokens
  const before = ingest.log.durable()
  const told = [await post(admin), await post(append), await post(create)]
  expect(told.map(({ status, quota }) => [status, ...quota])).toEqual([
    [202, '3', '2', '1'],
    [202, '3', '1', '1'],
    [202, '3', '0', '1'],
  ])
  expect(await post(admin)).toEqual({
    status: 429,
    quota: ['3', '0', '1'],
    retryAfter: '1',
    body: {
      error:
        'The workspace takes at most 3 requests per second. Try again, or send more events in each request.',
    },
  })
  expect(ingest.log.durable() - before).toBe(3)
  expect(app.counters.refused['limit.rate']).toBe(1)
  now = 334
  expect((await post(append)).status).toBe(202)
})

test('a refused request counts too, and who is unknown is told nothing of anybody', async () => {
  limited(2, null)
  expect(await post(ingest.tokens.admin, '')).toMatchObject({ status: 400, quota: ['2', '1', '1'] })
  expect(await post(ingest.tokens.admin, 'name=none')).toMatchObject({ status: 404 })
  expect((await post(ingest.tokens.admin)).status).toBe(429)
  expect(await post('nobody')).toMatchObject({ status: 403, quota: [null, null, null] })
})

test('a data source has its own quota, and the tighter of the two is told', async () => {
  limited(10, 1)
  expect(await post(ingest.tokens.admin)).toMatchObject({ status: 202, quota: ['1', '0', '1'] })
  const large = `${JSON.stringify({ n: 1, s: 'x'.repeat(100_000) })}\n`
  for (const body of ['{"n":1}', large])
    expect(await post(ingest.tokens.append, `name=${ingest.eventsId}`, body)).toMatchObject({
      status: 429,
      retryAfter: '1',
    })
})

test('without a configured quota no answer speaks of one', async () => {
  limited(null, null)
  expect(await post(ingest.tokens.append)).toMatchObject({ status: 202, quota: [null, null, null] })
})

test('branches take their requests of the quota of their workspace', async () => {
  const branch = await ingest.catalog.createWorkspace({
    name: 'branch',
    mainId: ingest.workspaceId,
  })
  limited(2, null)
  expect(await post(ingest.tokens.admin)).toMatchObject({ status: 202, quota: ['2', '1', '1'] })
  expect(await post(branch.adminToken.value)).toMatchObject({ status: 404 })
  expect(await post(branch.adminToken.value)).toMatchObject({ status: 429 })
  expect(await post(ingest.tokens.admin)).toMatchObject({ status: 429 })
})

test('processes that share their buckets take one limit together, whichever way a request goes', async () => {
  const shared = createRequestQuota(() => 0)
  // Answers later, as a server does.
  const sharedQuota: QuotaOf = (kind) => ({
    take: (key, perSecond) =>
      Promise.resolve().then(() => shared.take(`${kind} ${key}`, perSecond)),
  })
  const gateways = [0, 1].map(() =>
    ingest.appWith(
      { requestsPerSecond: 4, requestsPerSecondPerDataSource: 3 },
      { monotonicMs: () => 0, sharedQuota },
    ),
  )
  const statuses: number[] = []
  for (let sent = 0; sent < 5; sent += 1) {
    app = gateways[sent % 2] as TestApp
    // From the second on each is known, and small enough to be answered at once.
    statuses.push((await post(ingest.tokens.admin)).status)
  }
  expect(statuses).toEqual([202, 202, 202, 429, 429])
  const { body } = await post(ingest.tokens.admin)
  expect(JSON.stringify(body)).toContain('The workspace takes at most 4 requests per second')
})
