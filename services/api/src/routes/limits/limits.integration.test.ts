// What queries may take, on the real engine: whose limit ends a query, who sets it, and how soon it holds.
import { createHmac, randomUUID } from 'node:crypto'

import { limitListSchema, tokenSchema } from '@sandpiper/contracts'
import type { Limits } from '@sandpiper/tokens'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import { createApiApp, type ApiApp } from '../../app.ts'
import { EVENTS_ID, pipeId, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'
import { queryRoutes } from '../query-routes.ts'
import { tokenRoutes } from '../tokens/tokens.ts'
import { workspaceRoutes } from '../workspaces/workspaces.ts'
import { limitRoutes } from './limits.ts'

const ENDLESS =
  'SELECT count() FROM numbers(1000000000) AS a, numbers(1000) AS b WHERE sipHash64(a.number, b.number) = 7'
const HUNGRY = 'SELECT length(groupArray(number)) AS n FROM numbers(20000000)'
const KEPT = 'SELECT count() AS c FROM events'

let api: QueryApi
let app: ApiApp
let operator: string

beforeAll(async () => {
  api = await startQueryApi(
    {
      hungry: [['out', HUNGRY, 'endpoint']],
      kept: [['out', KEPT, 'endpoint']],
    },
    { copySeconds: 1_800 },
  )
  app = createApiApp(api.deps, [queryRoutes, limitRoutes, tokenRoutes, workspaceRoutes])
  operator = await api.token({ type: 'ADMIN_USER' })
})
afterAll(() => api.stop())
afterEach(async () => {
  const none = { max_execution_time: null, max_memory_usage: null, max_rows_to_read: null }
  const others = { max_bytes_to_read: null, max_result_bytes: null, max_ast_elements: null }
  await api.deps.catalog.changeWorkspaceLimits(api.workspaceId, { ...none, ...others, rps: null })
})

interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

async function call(
  token: string,
  path: string,
  method = 'GET',
  body: unknown = null,
): Promise<Answer> {
  const headers = { Authorization: `Bearer ${token}` }
  const sent = body === null ? {} : { body: JSON.stringify(body) }
  const answer = await app.request(path, { method, headers, ...sent })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

const sql = (token: string, q: string): Promise<Answer> =>
  call(token, `/v0/sql?q=${encodeURIComponent(q)}`)

const setPlan = (limits: unknown, id = api.workspaceId): Promise<Answer> =>
  call(operator, `/v0/workspaces/${id}/limits`, 'PUT', limits)

const error = ({ text }: Answer): string => (JSON.parse(text) as { error: string }).error

function jwt(limits: unknown, scope: Record<string, unknown>): string {
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url')
  const exp = Math.floor(Date.now() / 1_000) + 600
  const claims = { workspace_id: api.workspaceId, name: randomUUID(), exp, limits, scopes: [scope] }
  const text = `${encode({ alg: 'HS256' })}.${encode(claims)}`
  return `${text}.${createHmac('sha256', api.adminToken).update(text).digest('base64url')}`
}

const READ_EVENTS = { type: 'DATASOURCES:READ', resource: 'events' }

const CASES: readonly [keyof Limits, number, string, number, RegExp][] = [
  ['max_execution_time', 1, ENDLESS, 408, /1 seconds \(TIMEOUT_EXCEEDED\)$/],
  ['max_memory_usage', 5_000_000, HUNGRY, 400, /5000000 bytes \(MEMORY_LIMIT_EXCEEDED\)$/],
  ['max_rows_to_read', 2, 'SELECT * FROM events', 400, /2 rows \(TOO_MANY_ROWS\)$/],
  ['max_bytes_to_read', 10, 'SELECT * FROM events', 400, /10 bytes \(TOO_MANY_BYTES\)$/],
  ['max_result_bytes', 1_000, "SELECT repeat('x', 2000)", 400, /1000 bytes \(TOO_MANY_ROWS_OR_/],
  ['max_ast_elements', 20, `SELECT ${'1 + '.repeat(30)}1`, 400, /20 elements .* \(TOO_BIG_AST\)$/],
]

test.each(CASES)(
  '%s of a workspace ends a query of any token of it, and its error says so',
  async (name, value, q, status, words) => {
    const reader = await api.token({ type: 'DATASOURCES:READ', resource: EVENTS_ID })
    expect((await setPlan({ [name]: value })).status).toBe(200)
    const tokens = name === 'max_execution_time' ? [reader] : [api.adminToken, reader]
    for (const token of tokens) {
      const answer = await sql(token, q)
      expect([answer.status, error(answer)]).toEqual([status, expect.stringMatching(words)])
      expect(error(answer)).toContain(`Limit of the workspace: ${name} = ${value}`)
    }
  },
)

test.each(CASES)('%s of a JWT ends its queries, and nobody else’s', async (name, value, q) => {
  const answer = await sql(jwt({ [name]: value }, READ_EVENTS), q)
  expect(error(answer)).toContain(`Limit of the token: ${name} = ${value}`)
  if (name !== 'max_execution_time') expect((await sql(jwt({}, READ_EVENTS), q)).status).toBe(200)
})

test('the smallest holds, and a plan that is more than the server allows changes nothing', async () => {
  await setPlan({ max_rows_to_read: 2, max_result_bytes: 1e15 })
  const larger = await sql(jwt({ max_rows_to_read: 1_000 }, READ_EVENTS), 'SELECT * FROM events')
  expect(error(larger)).toContain('Limit of the workspace: max_rows_to_read = 2 rows')
  const listed = limitListSchema.parse(JSON.parse((await call(api.adminToken, '/v0/limits')).text))
  const of = (name: string) => listed.limits.find((each) => each.name === name)
  expect(of('max_rows_to_read')).toEqual({
    ...{ name: 'max_rows_to_read', value: 2, unit: 'rows', from: 'workspace' },
  })
  expect(of('max_result_bytes')).toMatchObject({ value: 100_000_000, from: 'server' })
  expect(of('copy_max_execution_time')).toMatchObject({ value: 1_800, from: 'server' })
  expect(of('max_memory_usage')).toMatchObject({ unit: 'bytes', from: 'server' })
})

test('limits hold for endpoints, for q over them and for plans', async () => {
  await setPlan({ max_memory_usage: 5_000_000 })
  for (const path of ['/v0/pipes/hungry.json', '/v0/pipes/hungry.csv?q=SELECT+*+FROM+_']) {
    const answer = await call(api.adminToken, path)
    expect(error(answer)).toContain('Limit of the workspace: max_memory_usage = 5000000 bytes')
  }
  await setPlan({ max_memory_usage: null, max_ast_elements: 5 })
  const plan = await call(api.adminToken, '/v0/pipes/hungry/explain')
  expect(error(plan)).toContain('Limit of the workspace: max_ast_elements = 5 ')
})

test('requests per second of a workspace and of a static token are counted, and told', async () => {
  const reader = await api.token({ type: 'PIPES:READ', resource: pipeId('kept') })
  await setPlan({ rps: 3 })
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => call(reader, '/v0/pipes/kept.json')),
  )
  expect(answers.filter(({ status }) => status === 429)).not.toEqual([])
  await setPlan({ rps: null })
  const made = await call(operator, '/v0/tokens', 'POST', {
    ...{ name: 'slow', scopes: [{ type: 'PIPES:READ', resource: 'kept' }], limits: { rps: 1 } },
  })
  const { token: slow = '', limits } = tokenSchema.parse(JSON.parse(made.text))
  expect(limits).toEqual({ rps: 1 })
  expect((await call(slow, '/v0/pipes/kept.json')).headers.get('X-RateLimit-Limit')).toBe('1')
  expect((await call(slow, '/v0/pipes/kept.json')).status).toBe(429)
  const lifted = await call(operator, '/v0/tokens/slow', 'PUT', { limits: {} })
  expect(tokenSchema.parse(JSON.parse(lifted.text)).limits).toBeUndefined()
  expect((await call(slow, '/v0/pipes/kept.json')).status).toBe(200)
})

test('an unknown limit, or one that is no whole number, changes nothing', async () => {
  await setPlan({ max_rows_to_read: 2 })
  for (const wrong of [
    ...[{ max_rows: 1 }, { max_rows_to_read: '5' }, { max_rows_to_read: 0 }, { rps: 1.5 }, null],
    { max_rows_to_read: 7, allow_ddl: 1 },
  ]) {
    const answer = await setPlan(wrong)
    expect([wrong, answer.status]).toEqual([wrong, 400])
  }
  expect(await api.deps.catalog.workspaceLimits(api.workspaceId)).toEqual({ max_rows_to_read: 2 })
  const forged = await sql(jwt({ max_rows: 1 }, READ_EVENTS), 'SELECT 1')
  expect([forged.status, error(forged)]).toEqual([
    403,
    expect.stringContaining('there is no limit "max_rows"'),
  ])
  const token = { name: 'x', scopes: [{ type: 'PIPES:READ', resource: 'kept' }] }
  for (const limits of [{ rows: 1 }, { copy_max_execution_time: 1 }, 5]) {
    const made = await call(operator, '/v0/tokens', 'POST', { ...token, limits })
    expect([limits, made.status]).toEqual([limits, 400])
  }
})

test('only a server admin changes a plan; admins see their own, others and JWTs none', async () => {
  const reader = await api.token({ type: 'DATASOURCES:READ', resource: EVENTS_ID })
  const other = await api.deps.catalog.createWorkspace({ name: `w_${randomUUID()}` })
  const path = `/v0/workspaces/${api.workspaceId}/limits`
  expect((await call(api.adminToken, path)).status).toBe(200)
  expect((await call(api.adminToken, path, 'PUT', { rps: 5 })).status).toBe(403)
  expect((await call(reader, path)).status).toBe(403)
  expect((await call(other.adminToken.value, path)).status).toBe(404)
  expect((await call(jwt({}, READ_EVENTS), '/v0/limits')).status).toBe(403)
  expect((await call(reader, '/v0/limits')).status).toBe(200)
  expect((await setPlan({ rps: 5 }, randomUUID())).status).toBe(404)
})

test('a branch has the plan of its main workspace, and none of its own', async () => {
  const branch = await api.deps.catalog.createWorkspace({ name: 'b', mainId: api.workspaceId })
  await setPlan({ max_memory_usage: 5_000_000 })
  const answer = await sql(branch.adminToken.value, HUNGRY)
  expect(error(answer)).toContain('Limit of the workspace: max_memory_usage = 5000000 bytes')
  const own = await setPlan({ max_memory_usage: 1e12 }, branch.workspace.id)
  expect([own.status, error(own)]).toEqual([400, expect.stringContaining(api.workspaceId)])
})

test('who can make tokens has no limits of its own: they would not hold', async () => {
  const admin = { name: 'a', scopes: [{ type: 'TOKENS' }], limits: { rps: 5 } }
  expect((await call(operator, '/v0/tokens', 'POST', admin)).status).toBe(400)
  const reader = { ...admin, name: 'r', scopes: [{ type: 'PIPES:READ', resource: 'kept' }] }
  expect((await call(operator, '/v0/tokens', 'POST', reader)).status).toBe(200)
  expect((await call(operator, '/v0/tokens/r', 'PUT', { scopes: ['ADMIN'] })).status).toBe(400)
  const itself = '/v0/tokens/workspace admin token'
  expect((await call(operator, itself, 'PUT', { limits: { rps: 5 } })).status).toBe(400)
})

test('a token that sees some rows only does not learn how many it would have read', async () => {
  const scope = { ...READ_EVENTS, filter: "name = 'a'" }
  for (const limits of [{ max_rows_to_read: 2 }, { max_bytes_to_read: 10 }]) {
    const answer = await sql(jwt(limits, scope), 'SELECT * FROM events')
    expect([answer.status, error(answer)]).toEqual([400, expect.stringContaining('not shown')])
    expect(error(answer)).toContain('Limit of the token: max_')
    expect(error(answer)).not.toMatch(/\b3(\.00)?\b|current/)
  }
})

test('another process knows a changed plan within a second', async () => {
  const elsewhere = await api.openCatalog()
  expect((await elsewhere.findToken(api.adminToken))?.limits).toBeUndefined()
  await setPlan({ rps: 1_000 })
  await expect
    .poll(async () => (await elsewhere.findToken(api.adminToken))?.limits, { timeout: 1_500 })
    .toEqual({ workspace: { rps: 1_000 }, token: {} })
})
