// The Idempotency-Key at the door. Restarts: e2e/idempotency.e2e.test.ts.
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startIngest, type Answer, type TestIngest } from '../../testing/start-ingest.ts'

let ingest: TestIngest
let before: number
beforeAll(async () => {
  ingest = await startIngest()
}, 60_000)
afterAll(() => ingest.stop())
beforeEach(() => {
  before = ingest.log.durable()
})

const post = (
  key: string,
  body: string | Uint8Array<ArrayBuffer>,
  query = 'name=events',
  headers: Record<string, string> = {},
): Promise<Answer> => ingest.post(query, body, { headers: { 'Idempotency-Key': key, ...headers } })

const stored = (): number => ingest.log.durable() - before

describe('the same key', () => {
  test('with the same body gets the same status and counts, says so, and is stored once', async () => {
    const body = '{"n":1}\n{"n":"no"}\n{"n":2}'
    const first = await post('a', body)
    expect(first).toMatchObject({
      status: 202,
      body: { successful_rows: 2, quarantined_rows: 1 },
    })
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    const second = await post('a', body)
    expect(second).toMatchObject({ status: first.status, body: first.body })
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(second.headers.get('access-control-expose-headers')).toContain('Idempotency-Replayed')
    expect(stored()).toBe(1)
  })

  test('with the same events packed otherwise is the same request', async () => {
    await post('packed', '{"n":1}')
    const packed = await post('packed', new Uint8Array(gzipSync('{"n":1}')), 'name=events', {
      'Content-Encoding': 'gzip',
    })
    expect(packed.headers.get('idempotency-replayed')).toBe('true')
    const byId = await post('packed', '{"n":1}', `name=${ingest.eventsId}&wait=false`)
    expect(byId.headers.get('idempotency-replayed')).toBe('true')
    expect(stored()).toBe(1)
  })

  test.each([
    ['another body', '{"n":2}', 'name=events'],
    ['another format', '{"n":1}', 'name=events&format=json'],
  ])('with %s is 409 and stores nothing', async (what, body, query) => {
    await post(`conflict ${what}`, '{"n":1}')
    const second = await post(`conflict ${what}`, body, query)
    expect(second.status).toBe(409)
    expect(second.body['error']).toMatch(/Idempotency-Key/)
    expect(stored()).toBe(1)
  })

  test('fifty times at once is stored once and every one is accepted', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => post('at once', '{"n":1}')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    expect(
      answers.filter(({ headers }) => headers.get('idempotency-replayed') === null),
    ).toHaveLength(1)
    expect(stored()).toBe(1)
  })

  test('waits for the events of the first request with wait=true', async () => {
    await post('waits', '{"n":1}')
    const writer = await ingest.connectWriter()
    while (!ingest.log.writerConnected()) await new Promise(setImmediate)
    const waiting = post('waits', '{"n":1}', 'name=events&wait=true')
    writer.publishLoaded(ingest.eventsId, before + 1, { kind: 'loaded' })
    const answer = await waiting
    expect(answer.status).toBe(200)
    expect(answer.headers.get('idempotency-replayed')).toBe('true')
    expect(stored()).toBe(1)
    await writer.close()
  })
})

test('a request that was refused leaves its key free', async () => {
  expect((await post('refused', 'nothing of this is JSON')).status).toBe(400)
  expect((await post('refused', '{"n":1}')).status).toBe(202)
  expect(stored()).toBe(1)
})

test('a key of 255 bytes is taken, of 256 bytes or none refused with 400', async () => {
  const latin = 'é'.repeat(255)
  expect((await post(latin, '{"n":1}')).status).toBe(202)
  expect((await post(latin, '{"n":1}')).headers.get('idempotency-replayed')).toBe('true')
  for (const key of ['x'.repeat(256), '']) expect((await post(key, '{"n":1}')).status).toBe(400)
  expect(stored()).toBe(1)
})

test('requests without a key are never taken for each other', async () => {
  for (let at = 0; at < 3; at += 1) await ingest.post('name=events', '{"n":1}')
  expect(stored()).toBe(3)
})
