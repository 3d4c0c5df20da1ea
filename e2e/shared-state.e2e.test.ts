// The whole product with a Redis of its own: what it holds may vanish, and nobody who calls is told.
import {
  startRedis,
  startSandpiper,
  type RunningSandpiper,
  type TestRedis,
} from '@sandpiper/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { createCaller, deployProject, type Caller } from './support/http.ts'

let redis: TestRedis
let product: RunningSandpiper
let admin: Caller

beforeAll(async () => {
  redis = await startRedis({ password: 'secret-of-redis' })
  product = await startSandpiper({
    bundled: process.env['SANDPIPER_TEST_SOURCES'] !== '1',
    env: { REDIS_URL: redis.url, SANDPIPER_EVENTS_PER_SECOND: '3', SANDPIPER_LOG_LEVEL: 'info' },
  })
  admin = createCaller(product.url, product.tokens.workspace_admin_token)
  await deployProject(admin, {
    'events.datasource':
      'SCHEMA >\n    id UInt64 `json:$.id`\n\nENGINE MergeTree\nENGINE_SORTING_KEY id\n',
  })
})
afterAll(async () => {
  await product.stop()
  await redis.stop()
})

const send = async (): Promise<number> =>
  (await admin.post('/v0/events?name=events', '{"id":1}')).status
const metric = async (name: string): Promise<string | undefined> => {
  const { text } = await createCaller(product.url, product.tokens.admin_token).get('/metrics')
  return text.split('\n').find((line) => line.startsWith(name))
}

/** Enough at once that more than three come within any second. */
async function burst(): Promise<number[]> {
  return (await Promise.all(Array.from({ length: 20 }, send))).sort((one, other) => one - other)
}

async function deleteAll(): Promise<string> {
  const condition = new URLSearchParams({ delete_condition: 'id = 1' })
  const { json } = await admin.post('/v0/datasources/events/delete', condition)
  return (json as { id: string }).id
}
const statusOf = async (job: string): Promise<unknown> =>
  ((await admin.get(`/v0/jobs/${job}`)).json as { status: unknown }).status

it('limits are counted in Redis, jobs take their tickets from it, and its password is in no log', async () => {
  const statuses = await burst()
  expect(new Set(statuses)).toEqual(new Set([202, 429]))
  expect(await metric('sandpiper_redis_up')).toBe('sandpiper_redis_up 1')
  expect(await metric('sandpiper_redis_questions_total{fate="answered"}')).toMatch(/ [1-9]\d*$/)
  const job = await deleteAll()
  await expect.poll(() => statusOf(job), { timeout: 20_000 }).toBe('done')
  expect(await redis.command('KEYS', 'sandpiper:sandpiper-jobs:*')).toContain('sandpiper-jobs')
  expect(product.log()).not.toContain('secret-of-redis')
})

it('while Redis is down requests are taken and limited as before, and jobs are done when it is back', async () => {
  await redis.kill()
  const statuses = await burst()
  expect(new Set(statuses)).toEqual(new Set([202, 429]))
  const job = await deleteAll()
  expect(['waiting', 'working']).toContain(await statusOf(job))
  const bad = createCaller(product.url, 'p.nobody')
  expect((await bad.get('/v0/sql?q=SELECT%201')).status).toBe(403)
  await redis.restart()
  await expect.poll(() => statusOf(job), { timeout: 30_000 }).toBe('done')
})
