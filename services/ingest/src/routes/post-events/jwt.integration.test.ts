// JWTs on the Events API: what they may append to, on the general way and on the short one, how often, and until when.
import { createHmac } from 'node:crypto'
import { emptyMap } from '@sandpiper/deployment'
import { createRequestQuota } from '@sandpiper/tokens'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startIngest, type TestApp, type TestIngest } from '../../testing/start-ingest.ts'

let ingest: TestIngest
beforeAll(async () => {
  ingest = await startIngest()
})
afterAll(() => ingest.stop())

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds

/** Signed as third parties do it. */
function jwt(claims: Record<string, unknown> = {}, secret = ingest.tokens.admin): string {
  const scopes = [{ type: 'DATASOURCES:APPEND', resource: 'events' }]
  const { workspaceId } = ingest
  const all = { workspace_id: workspaceId, name: 'page', exp: inSeconds(600), scopes, ...claims }
  const text = `${encode({ alg: 'HS256' })}.${encode(all)}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

async function post(
  token: string,
  app: TestApp = ingest.app,
  query = 'name=events',
): Promise<{ status: number; error: unknown; quota: (string | null)[] }> {
  const headers = { Authorization: `Bearer ${token}`, 'X-Forwarded-For': `${Math.random()}` }
  const answer = await app.request(`/v0/events?${query}`, {
    method: 'POST',
    body: '{"n":1}',
    headers,
  })
  const { error } = (await answer.json()) as { error?: unknown }
  const quota = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'Retry-After'].map((name) =>
    answer.headers.get(name),
  )
  return { status: answer.status, error, quota }
}

test('events are taken, again and again, by name and by id, in the header and in the query', async () => {
  const before = ingest.log.durable()
  const byId = [{ type: 'DATASOURCES:APPEND', resource: ingest.eventsId }]
  for (const token of [jwt(), jwt({ scopes: byId })]) {
    for (let n = 0; n < 3; n += 1) expect((await post(token)).status).toBe(202)
    expect((await post(token, ingest.app, `name=${ingest.eventsId}`)).status).toBe(202)
    const inQuery = await ingest.post(`name=events&token=${token}`, '{"n":1}', { token: null })
    expect(inQuery.status).toBe(202)
  }
  expect(ingest.log.durable() - before).toBe(10)
})

test('the short way is taken: nobody is asked again who it is', async () => {
  let asked = 0
  const findToken = (value: string): ReturnType<TestIngest['catalog']['findToken']> => {
    asked += 1
    return ingest.catalog.findToken(value)
  }
  const app = ingest.appWith({}, { catalog: { ...ingest.catalog, findToken } })
  const token = jwt()
  await post(token, app)
  const answers = await Promise.all(Array.from({ length: 100 }, () => post(token, app)))
  expect(answers.every(({ status }) => status === 202)).toBe(true)
  expect(asked).toBeLessThan(100)
})

test('what only reads, names something else or nothing that is there, is not told whether it exists', async () => {
  const others = [
    [{ type: 'DATASOURCES:READ', resource: 'events' }],
    [{ type: 'PIPES:READ', resource: 'events' }],
    [{ type: 'DATASOURCES:APPEND', resource: 'other' }],
    [{ type: 'DATASOURCES:APPEND', resource: '__proto__' }],
  ]
  for (const scopes of others) {
    expect(await post(jwt({ scopes }))).toMatchObject({
      ...{ status: 403, error: "Resource 'events' not found" },
    })
  }
  for (const name of ['absent', 'events_quarantine', '__proto__'])
    expect((await post(jwt(), ingest.app, `name=${name}`)).error).toMatch(/not found|appended to/)
})

test('one that nobody signed, or whose time is over, stores nothing', async () => {
  const before = ingest.log.durable()
  const forged = [jwt({}, 'guess'), `${jwt().slice(0, -4)}AAAA`, jwt({ exp: inSeconds(0) })]
  for (const token of [...forged, jwt({ exp: undefined }), jwt({ nbf: inSeconds(300) })])
    expect((await post(token)).status).toBe(403)
  expect(ingest.log.durable()).toBe(before)
})

test('limits.rps holds on both ways, and with the api where they share it; a static token has none', async () => {
  let now = 0
  const jwtQuota = createRequestQuota(() => now)
  const app = ingest.appWith({}, { jwtQuota })
  const token = jwt({ name: 'limited', limits: { rps: 3 } })
  const told = []
  for (let n = 0; n < 5; n += 1) told.push(await post(token, app))
  expect(told.map(({ status, quota }) => [status, ...quota])).toEqual([
    [202, '3', '2', null],
    [202, '3', '1', null],
    [202, '3', '0', null],
    [429, '3', '0', '1'],
    [429, '3', '0', '1'],
  ])
  // Another of the same name, and one of another name.
  expect((await post(jwt({ name: 'limited', limits: { rps: 3 }, iat: 1 }), app)).status).toBe(429)
  expect((await post(jwt({ name: 'other', limits: { rps: 3 } }), app)).status).toBe(202)
  expect((await post(ingest.tokens.append, app)).quota).toEqual([null, null, null])
  now = 334
  expect((await post(token, app)).status).toBe(202)
})

test('means what the live map says: a data source that is gone takes nothing', async () => {
  const { catalog } = ingest
  const made = await catalog.createWorkspace({ name: 'other' })
  const claims = { workspace_id: made.workspace.id }
  const token = jwt(claims, made.adminToken.value)
  expect((await post(token)).status).toBe(403)
  const { map } = await catalog.liveMap(ingest.workspaceId)
  const promote = async (next: typeof map): Promise<void> => {
    const about = {
      workspaceId: made.workspace.id,
      kind: 'deploy',
      plan: null,
      feedback: [],
    } as const
    const { number } = await catalog.createDeployment({ ...about, map: next })
    await catalog.promote(made.workspace.id, number)
  }
  const events = { ...map.dataSources['events']!, id: `t_${'7'.repeat(32)}` }
  await promote({ ...emptyMap(), dataSources: { events } })
  for (let n = 0; n < 3; n += 1) expect((await post(token)).status).toBe(202)
  await promote(emptyMap())
  expect((await post(token)).status).toBe(403)
})

test('ends at once with a refreshed admin token', async () => {
  const token = jwt()
  for (let n = 0; n < 3; n += 1) expect((await post(token)).status).toBe(202)
  await ingest.catalog.refreshToken(ingest.workspaceId, 'workspace admin token')
  expect((await post(token)).status).toBe(403)
})
