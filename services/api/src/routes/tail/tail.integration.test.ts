import { tailBatchSchema, tailBeginSchema, tailEndSchema } from '@sandpiper/contracts'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createApiApp } from '../../app.ts'
import { createEventTap, TAP_LIMITS, type TakenRows } from '../../tail/event-tap.ts'
import {
  EVENTS_ID,
  promoteMap,
  startQueryApi,
  USERS_ID,
  type QueryApi,
} from '../../testing/start-query-api.ts'
import { tailRoutes } from './tail.ts'

let api: QueryApi
const tap = createEventTap({ ...TAP_LIMITS, tailsPerWorkspaceMax: 3 })
const open: AbortController[] = []

beforeAll(async () => {
  api = await startQueryApi({})
})
afterAll(async () => {
  for (const each of open) each.abort()
  await api.stop()
})

async function tail(name: string, token: string | null): Promise<Response> {
  const app = createApiApp({ ...api.deps, tap }, [tailRoutes])
  const gone = new AbortController()
  open.push(gone)
  return app.request(`/v0/datasources/${name}/tail`, {
    signal: gone.signal,
    ...(token === null ? {} : { headers: { Authorization: `Bearer ${token}` } }),
  })
}

interface Event {
  readonly event: string
  readonly data: unknown
}

/** Reads event by event; ends the tail when its reader is done with it. */
async function* eventsOf(response: Response): AsyncGenerator<Event, void, undefined> {
  let text = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(chunk)
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const [, event = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(text.slice(0, end)) ?? []
      text = text.slice(end + 2)
      if (event !== '') yield { event, data: JSON.parse(data) as unknown }
    }
  }
}

async function next(events: AsyncGenerator<Event, void, undefined>): Promise<Event> {
  const { value } = await events.next()
  if (value === undefined) throw new Error('the tail ended without a word')
  return value
}

function send(row: object, dataSourceId = EVENTS_ID): void {
  const rows = Buffer.from(`${JSON.stringify(row)}\n`)
  const none = { refused: Buffer.alloc(0), refusedCount: 0 }
  const taken: TakenRows = {
    ...{ workspaceId: api.workspaceId, dataSourceId, arrivedAtMs: Date.now() },
    ...{ rows, rowCount: 1, ...none },
  }
  tap.taken(taken)
}

const read = (resource: string, filter: string | null = null): Promise<string> =>
  api.token({ type: 'DATASOURCES:READ', resource, filter })

test('events are shown as they are taken, those of the data source alone', async () => {
  const answer = await tail('events', await read(EVENTS_ID))
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
  })
  const events = eventsOf(answer)
  const begin = await next(events)
  expect([begin.event, tailBeginSchema.parse(begin.data)]).toEqual([
    'begin',
    { data_source: { id: EVENTS_ID, name: 'events' }, rows_per_second_max: 200 },
  ])
  send({ name: 'secret user' }, USERS_ID)
  send({ n: 1 })
  const { event, data } = await next(events)
  const batch = tailBatchSchema.parse(data)
  expect([event, batch.accepted, batch.rows.map(({ row }) => row)]).toEqual(['rows', 1, [{ n: 1 }]])
  await events.return()
  expect(tap.counters.tails).toBe(0)
})

describe('nobody watches', () => {
  test.each([
    ['without a token', () => Promise.resolve(null)],
    ['with a right to another data source', () => read(USERS_ID)],
    ['with a row filter', () => read(EVENTS_ID, 'n = 1')],
    ['to append', () => api.token({ type: 'DATASOURCES:APPEND', resource: EVENTS_ID })],
    ['to manage tokens', () => api.token({ type: 'TOKENS' })],
    [
      'of another workspace',
      async () => (await api.deps.catalog.createWorkspace({ name: randomUUID() })).adminToken.value,
    ],
  ])('%s', async (_, token) => {
    for (const name of ['events', EVENTS_ID]) {
      const { status } = await tail(name, await token())
      expect([403, 404]).toContain(status)
    }
    expect(tap.counters.tails).toBe(0)
  })

  test('with a JWT that has a row filter, or is for another data source', async () => {
    const jwt = (resource: string, filter: string | null): Promise<string> =>
      api.deps.catalog.createJwt(api.workspaceId, {
        ...{ name: 'j', expiresAt: Math.floor(Date.now() / 1_000) + 60, limits: {} },
        scopes: [{ type: 'DATASOURCES:READ', resource, filter, fixedParams: null }],
      })
    expect((await tail('events', await jwt('events', 'n = 1'))).status).toBe(403)
    expect((await tail('events', await jwt('users', null))).status).toBe(403)
    const allowed = eventsOf(await tail('events', await jwt('events', null)))
    expect((await next(allowed)).event).toBe('begin')
    await allowed.return()
  })

  test('a data source that is not there', async () => {
    expect((await tail('nothing', api.adminToken)).status).toBe(404)
    expect((await tail('nothing', await read(EVENTS_ID))).status).toBe(403)
  })

  test('where as many do already', async () => {
    const all = await Promise.all([1, 2, 3].map(() => tail('events', api.adminToken)))
    const refused = await tail('events', api.adminToken)
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '5'])
    for (const each of all) await each.body?.cancel()
    expect(tap.counters.tails).toBe(0)
  })
})

test('a tail ends with the reason once its token is revoked or loses its right', async () => {
  const { catalog } = api.deps
  const tokens = await catalog.listTokens(api.workspaceId)
  const made = await Promise.all(
    ['gone', 'narrowed'].map((name) =>
      catalog.createToken({
        ...{ workspaceId: api.workspaceId, name, origin: { type: 'C', resourceId: null } },
        scopes: [
          { type: 'DATASOURCES:READ', resource: EVENTS_ID, filter: null, fixedParams: null },
        ],
      }),
    ),
  )
  expect(tokens.length).toBeGreaterThan(0)
  const tails = await Promise.all(
    made.map(async ({ value }) => eventsOf(await tail('events', value))),
  )
  for (const each of tails) expect((await next(each)).event).toBe('begin')
  await catalog.removeToken(api.workspaceId, 'gone')
  await catalog.updateToken(api.workspaceId, 'narrowed', {
    scopes: [{ type: 'DATASOURCES:READ', resource: EVENTS_ID, filter: 'n = 1', fixedParams: null }],
  })
  for (const each of tails) {
    const { event, data } = await next(each)
    expect([event, tailEndSchema.parse(data).reason]).toEqual(['end', expect.any(String)])
    expect((await each.next()).done).toBe(true)
  }
  expect(tap.counters.tails).toBe(0)
})

test('a tail ends when the server stops', async () => {
  const stopping = createEventTap()
  const app = createApiApp({ ...api.deps, tap: stopping }, [tailRoutes])
  const headers = { Authorization: `Bearer ${api.adminToken}` }
  const events = eventsOf(await app.request('/v0/datasources/events/tail', { headers }))
  await next(events)
  stopping.close()
  expect(await next(events)).toEqual({ event: 'end', data: { reason: 'The server is stopping.' } })
  expect((await events.next()).done).toBe(true)
})

test('HEAD opens no tail', async () => {
  const app = createApiApp({ ...api.deps, tap }, [tailRoutes])
  const headers = { Authorization: `Bearer ${api.adminToken}` }
  const head = await app.request('/v0/datasources/events/tail', { method: 'HEAD', headers })
  expect([head.status, tap.counters.tails]).toEqual([200, 0])
})

test('tails of branches take places of their workspace', async () => {
  const { catalog } = api.deps
  const { adminToken } = await catalog.createWorkspace({ name: 'b', mainId: api.workspaceId })
  const { map } = await catalog.liveMap(api.workspaceId)
  await promoteMap(catalog, adminToken.record.workspaceId, map)
  const tokens = [api.adminToken, adminToken.value, api.adminToken, adminToken.value]
  const statuses: number[] = []
  for (const token of tokens) statuses.push((await tail('events', token)).status)
  expect(statuses).toEqual([200, 200, 200, 429])
})
