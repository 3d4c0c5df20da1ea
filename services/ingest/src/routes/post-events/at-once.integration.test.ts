// The short way of small requests: it is taken, it answers and stores what the general way does, and it ends with what it stands on.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mapOf, startIngest, type Answer, type TestIngest } from '../../testing/start-ingest.ts'

let ingest: TestIngest
/** How often the catalog was asked who has a token. */
let asked = 0
beforeAll(async () => {
  ingest = await startIngest()
})
afterAll(() => ingest.stop())

/** An app that remembers nothing yet, and counts. */
function newApp(
  limits: Parameters<TestIngest['appWith']>[0] = {},
): ReturnType<TestIngest['appWith']> {
  const { catalog } = ingest
  asked = 0
  const findToken = (value: string): ReturnType<typeof catalog.findToken> => {
    asked += 1
    return catalog.findToken(value)
  }
  return ingest.appWith(limits, { catalog: { ...catalog, findToken } })
}

async function post(
  app: ReturnType<typeof newApp>,
  body: NonNullable<RequestInit['body']>,
  token = ingest.tokens.append,
): Promise<Answer> {
  const response = await app.request('/v0/events?name=events', {
    method: 'POST',
    body,
    headers: { Authorization: `Bearer ${token}` },
    ...(body instanceof ReadableStream ? { duplex: 'half' as const } : {}),
  })
  return {
    status: response.status,
    body: (await response.json()) as Answer['body'],
    headers: response.headers,
  }
}

test('is taken once a token and target are known, without asking again', async () => {
  const app = newApp()
  await post(app, '{"n":1}')
  const before = ingest.log.durable()
  const askedBefore = asked
  const answers = await Promise.all(Array.from({ length: 100 }, () => post(app, '{"n":1}')))
  expect(answers.every(({ status }) => status === 202)).toBe(true)
  expect(ingest.log.durable() - before).toBe(100)
  // What the catalog said is a second old by now and then: whoever comes then asks again, all at once at most.
  expect(asked - askedBefore).toBeLessThan(100)
  expect([app.counters.inFlightAppends, app.counters.inFlightBytes]).toEqual([0, 0])
})

describe('does with a body what the general way does', () => {
  const small = (kib: number): string => `{"n":1,"s":"${'x'.repeat(1024)}"}\n`.repeat(kib)
  test.each<[string, string | Uint8Array]>([
    ['one event', '{"n":1}'],
    ['several, blank lines between', '{"n":1}\n\n  \r\n{"n":2}\r\n'],
    ['a byte order mark', '\ufeff{"n":1}'],
    ['a byte order mark and nothing', '\ufeff'],
    ['only blanks', ' \n\t\n'],
    ['nothing that is JSON', 'hello\nworld'],
    ['one line that is, one that is not', '{"n":1}\nnope'],
    ['a row for the quarantine', '{"n":"many"}'],
    ['bytes that are not UTF-8', Buffer.from('7b226e223a317d0aff0a', 'hex')],
    ['a number that no double holds', '{"n":1,"big":18446744073709551615}'],
    ['31 KiB', small(30)],
    ['more than 32 KiB', small(40)],
  ])('%s', async (_, body) => {
    const app = newApp()
    const first = await stored(app, body)
    await post(app, '{"n":1}')
    const second = await stored(app, body)
    expect(second).toEqual(first)
  })

  async function stored(
    app: ReturnType<typeof newApp>,
    body: string | Uint8Array,
  ): Promise<unknown> {
    const before = ingest.log.durable()
    const counts = { ...app.counters, refused: { ...app.counters.refused } }
    const { status, body: answer } = await post(app, body)
    const frames = await ingest.framesAfter(before)
    return {
      ...{ status, answer },
      frames: frames.map(({ sequence: _s, requestId: _r, arrivedAtMs: _a, ...frame }) => ({
        ...frame,
        rows: frame.rows.toString('utf8'),
        refused: frame.refused.toString('utf8'),
      })),
      received: app.counters.receivedBytes - counts.receivedBytes,
      rows: app.counters.rows - counts.rows,
      quarantined: app.counters.quarantinedRows - counts.quarantinedRows,
      invalid:
        (app.counters.refused['request.invalid'] ?? 0) - (counts.refused['request.invalid'] ?? 0),
      inFlight: [app.counters.inFlightAppends, app.counters.inFlightBytes],
    }
  }
})

test('a body above a smaller limit is refused as ever', async () => {
  const app = newApp({ bodyBytesMax: 10 })
  expect((await post(app, '{"n":1}')).status).toBe(202)
  expect((await post(app, '{"n":1, "s":"too long"}')).status).toBe(413)
})

test('a quota counts it', async () => {
  const app = newApp({ requestsPerSecond: 2 })
  const statuses = []
  for (let n = 0; n < 8; n += 1) statuses.push((await post(app, '{"n":1}')).status)
  expect(statuses).toContain(429)
})

test('ends with its token', async () => {
  const { catalog, workspaceId, eventsId } = ingest
  const scope = {
    type: 'DATASOURCES:APPEND',
    resource: eventsId,
    filter: null,
    fixedParams: null,
  } as const
  const { value } = await catalog.createToken({
    ...{ workspaceId, name: 'leaving', scopes: [scope] },
    origin: { type: 'C', resourceId: null },
  })
  const app = newApp()
  for (let n = 0; n < 3; n += 1) expect((await post(app, '{"n":1}', value)).status).toBe(202)
  await catalog.updateToken(workspaceId, 'leaving', { scopes: [] })
  expect((await post(app, '{"n":1}', value)).status).toBe(403)
  await catalog.updateToken(workspaceId, 'leaving', { scopes: [scope] })
  for (let n = 0; n < 3; n += 1) expect((await post(app, '{"n":1}', value)).status).toBe(202)
  await catalog.removeToken(workspaceId, 'leaving')
  expect((await post(app, '{"n":1}', value)).status).toBe(403)
})

test('ends with the deployment: the next event is judged by the new columns', async () => {
  const app = newApp()
  for (let n = 0; n < 3; n += 1) await post(app, '{"n":1,"extra":"x"}')
  const before = ingest.log.durable()
  const { catalog, workspaceId, eventsId } = ingest
  const column = {
    name: 'extra',
    type: 'Nullable(String)',
    jsonPath: '$.extra',
    default: null,
    codec: null,
  }
  const map = mapOf(eventsId, 2, [column])
  const { number } = await catalog.createDeployment({
    ...{ workspaceId, kind: 'deploy', map, plan: null, feedback: [] },
  })
  const { columns } = map.dataSources['events']!.file
  await catalog.putSchemas([
    { dataSourceId: eventsId, version: 2, workspaceId, generation: 1, columns },
  ])
  await catalog.updateDeployment(workspaceId, number, { status: 'data_ready' })
  await post(app, '{"n":1,"extra":"x"}')
  await catalog.promote(workspaceId, number)
  await post(app, '{"n":1,"extra":"x"}')
  const frames = await ingest.framesAfter(before)
  expect(frames.map(({ schemaVersion }) => schemaVersion)).toEqual([1, 2])
  expect(frames[1]?.rows.toString()).toContain('"extra":"x"')
})
