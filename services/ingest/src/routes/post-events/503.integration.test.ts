import { afterAll, beforeAll, expect, test } from 'vitest'
import { startIngest, type TestIngest } from '../../testing/start-ingest.ts'

let ingest: TestIngest
beforeAll(async () => {
  ingest = await startIngest({ log: { queueBytesMax: 9_000 } })
})
afterAll(() => ingest.stop())

test('a full log: 503 with Retry-After for the one too many, the others are stored', async () => {
  // Many, so that some meet in the log however the machine spreads them.
  const numbers = Array.from({ length: 100 }, (_, n) => n)
  const answers = await Promise.all(numbers.map((n) => ingest.post('name=events', `{"n":${n}}`)))
  const refused = answers.filter((answer) => answer.status === 503)
  const accepted = answers.filter((answer) => answer.status === 202)
  expect(refused.length).toBeGreaterThan(0)
  expect(accepted.length).toBeGreaterThan(0)
  expect(refused.length + accepted.length).toBe(numbers.length)
  for (const answer of refused) expect(answer.headers.get('Retry-After')).toBe('1')
  expect(ingest.log.durable()).toBe(accepted.length)
})

test('too many bytes in flight: 503 for the one too many, and room again once the others are answered', async () => {
  const app = ingest.appWith({ inFlightBytesMax: 1_000 })
  const events = {
    method: 'POST',
    body: `{"n":1,"s":"${'x'.repeat(400)}"}`,
    headers: { Authorization: `Bearer ${ingest.tokens.append}` },
  }
  const held = new TransformStream<Uint8Array, Uint8Array>()
  const writer = held.writable.getWriter()
  const slow = app.request('/v0/events?name=events', {
    ...events,
    body: held.readable,
    duplex: 'half',
  })
  await writer.write(Buffer.from(`{"n":1,"s":"${'x'.repeat(400)}`))
  while ((await app.request('/v0/events?name=events', events)).status !== 503);
  await writer.close()
  expect((await slow).status).toBe(400)
  const answer = await app.request('/v0/events?name=events', events)
  expect(answer.status).toBe(202)
})

test('wait=true without a writer: 503 with Retry-After, and nothing is stored', async () => {
  const before = ingest.log.durable()
  const answer = await ingest.post('name=events&wait=true', '{"n":1}')
  expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, '1'])
  expect(ingest.log.durable()).toBe(before)
})
