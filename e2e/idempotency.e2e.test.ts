// Requests with an Idempotency-Key, sent again after the server was killed at any moment: in the table once, answered as the first time.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandpiper, type RunningSandpiper } from '@sandpiper/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { createCaller, deployProject, type Answer, type Caller } from './support/http.ts'

const EVENTS = [
  'SCHEMA >',
  '    `name` String `json:$.name`',
  'ENGINE "MergeTree"',
  'ENGINE_SORTING_KEY "name"',
].join('\n')

let home: string
let server: RunningSandpiper
let admin: Caller

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'idempotency-'))
  await start()
  await deployProject(admin, { 'events.datasource': EVENTS })
})
afterAll(async () => {
  await server.stop()
  await rm(home, { recursive: true, force: true })
})

async function start(): Promise<void> {
  server = await startSandpiper({ bundled: true, dataDir: join(home, 'data') })
  admin = createCaller(server.url, server.tokens.workspace_admin_token)
}

const post = (key: string, wait = ''): Promise<Answer> =>
  admin.post(`/v0/events?name=events${wait}`, JSON.stringify({ name: key }), {
    'Idempotency-Key': key,
  })

test('keys survive kill -9 with the load going on: what is sent again is stored once', async () => {
  const acknowledged: string[] = []
  for (let round = 0; round < 2; round += 1) {
    // Some of these are cut off by the kill: their clients do not know, and send them again.
    const sent = Array.from({ length: 200 }, (_, index) => `${round}-${index}`)
    const sending = sent.map(async (key) => {
      const answer = await post(key).catch(() => null)
      if (answer?.status === 202) acknowledged.push(key)
    })
    await Promise.race(sending.slice(40 * (round + 1)))
    await server.kill9()
    await Promise.all(sending)
    await start()
    const again = await Promise.all(sent.map((key) => post(key)))
    expect(new Set(again.map(({ status }) => status))).toEqual(new Set([202]))
    for (const [index, answer] of again.entries()) {
      expect(answer.json).toEqual({ successful_rows: 1, quarantined_rows: 0 })
      if (acknowledged.includes(sent[index] ?? ''))
        expect(answer.headers.get('idempotency-replayed')).toBe('true')
    }
  }
  expect(acknowledged.length).toBeGreaterThan(0)
  // 503, and nothing stored, until the writer of this life is there.
  await eventually(
    () => post('the last one', '&wait=true'),
    ({ status }) => status === 200,
  )
  const conflict = await admin.post('/v0/events?name=events', '{"name":"other"}', {
    'Idempotency-Key': '0-0',
  })
  expect(conflict.status).toBe(409)
  const [row] = await admin.sql('SELECT count() AS rows, uniqExact(name) AS names FROM events')
  expect(row).toEqual({ rows: 401, names: 401 })
})
