// wait=true: 200, 422 and 202.
import type { WriterLink } from '@sandpiper/eventlog'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startIngest, type TestIngest } from '../../testing/start-ingest.ts'

let ingest: TestIngest
let writer: WriterLink
beforeAll(async () => {
  ingest = await startIngest({ limits: { waitMs: 50 } })
})
afterAll(() => ingest.stop())
beforeEach(async () => {
  while (ingest.log.writerConnected()) await new Promise(setImmediate)
  writer = await ingest.connectWriter()
})
afterEach(() => writer.close())

test.each(['true', 'True', '1'])(
  '200 with wait=%s only after the writer confirmed',
  async (wait) => {
    const app = ingest.appWith({ waitMs: 60_000 })
    let status = 0
    const headers = { Authorization: `Bearer ${ingest.tokens.append}` }
    const before = ingest.log.durable()
    const answer = Promise.resolve(
      app.request(`/v0/events?name=events&wait=${wait}`, {
        method: 'POST',
        body: '{"n":1}',
        headers,
      }),
    ).then((response) => {
      status = response.status
      return response.json()
    })
    while (writer.durable() === before) await new Promise(setImmediate)
    expect(status).toBe(0)
    writer.publishLoaded(ingest.eventsId, writer.durable(), { kind: 'loaded' })
    expect(await answer).toEqual({ successful_rows: 1, quarantined_rows: 0 })
    expect(status).toBe(200)
  },
)

test('422 names the failed view in the words of the user, with the counts', async () => {
  const app = ingest.appWith({ waitMs: 60_000 })
  const before = ingest.log.durable()
  const headers = { Authorization: `Bearer ${ingest.tokens.append}` }
  const answer = app.request('/v0/events?name=events&wait=true', {
    method: 'POST',
    body: '{"n":1}',
    headers,
  })
  while (writer.durable() === before) await new Promise(setImmediate)
  const message = `while pushing to view ws_${'a'.repeat(32)}.${ingest.eventsId}_1_view (t_${'0'.repeat(32)}_2)`
  writer.publishLoaded(ingest.eventsId, writer.durable(), { kind: 'view_failed', message })
  const response = await answer
  expect(response.status).toBe(422)
  expect(await response.json()).toEqual({
    error:
      'The events are in the data source, but a materialized view failed on them: while pushing to view events (a table)',
    successful_rows: 1,
    quarantined_rows: 0,
  })
})

test('202 when the wait was too long: the events are stored and will be written', async () => {
  const answer = await ingest.post('name=events&wait=true', '{"n":1}')
  expect({ status: answer.status, body: answer.body }).toEqual({
    status: 202,
    body: { successful_rows: 1, quarantined_rows: 0 },
  })
})
