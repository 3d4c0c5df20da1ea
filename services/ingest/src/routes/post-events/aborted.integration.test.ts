// Bodies that never end, over a real socket.
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startIngest, type TestIngest } from '../../testing/start-ingest.ts'

let ingest: TestIngest
beforeAll(async () => {
  ingest = await startIngest()
})
afterAll(() => ingest.stop())

const answered = (): number => ingest.app.counters.requests['4xx']

test.each([
  ['with a length', 'Content-Length: 1000', '{"n":1}\n{"n":2}\n'],
  ['in chunks', 'Transfer-Encoding: chunked', '10\r\n{"n":1}\n{"n":2}\n\r\n'],
])(
  'a request whose client goes away in the middle of its body %s stores nothing',
  async (_, header, body) => {
    const before = answered()
    const socket = connect(await ingest.app.port(), '127.0.0.1')
    socket.write(
      `POST /v0/events?name=events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ingest.tokens.append}\r\n${header}\r\n\r\n${body}`,
    )
    await once(ingest.app.server, 'request')
    socket.destroy()
    while (answered() === before) await new Promise(setImmediate)
    expect(ingest.log.durable()).toBe(0)
  },
)

test('the same request, ended as it should be, is stored', async () => {
  const response = await ingest.app.request('/v0/events?name=events', {
    method: 'POST',
    body: '{"n":1}\n{"n":2}\n',
    headers: { Authorization: `Bearer ${ingest.tokens.append}` },
  })
  expect([response.status, await response.json()]).toEqual([
    202,
    { successful_rows: 2, quarantined_rows: 0 },
  ])
  expect(ingest.log.durable()).toBe(1)
})
