// Time, and callers that leave: a query ends when nobody waits for it any more.
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

const MARKER = '73417341'
let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi(
    {
      slow: [
        [
          'n0',
          `SELECT count() AS c FROM numbers(1000000000) AS a, numbers(1000) AS b WHERE sipHash64(a.number, b.number) = ${MARKER}`,
          'endpoint',
        ],
      ],
      endless: [['n0', "SELECT number, repeat('x', 1000) AS x FROM numbers(20000)", 'endpoint']],
    },
    { queryTimeoutSeconds: 2 },
  )
})
afterAll(() => api.stop())

async function running(): Promise<number> {
  const sql = `SELECT count() AS n FROM system.processes WHERE query LIKE '%${MARKER}%' AND query NOT LIKE '%system.processes%'`
  return Number((await api.deps.clickhouse.rows<{ n: string }>({ sql }))[0]?.n)
}

test('a query over its time is 408 with the code of the engine', async () => {
  const answer = await api.call('/v0/pipes/slow.json', api.adminToken)
  expect([answer.status, answer.headers.get('x-db-exception-code')]).toEqual([408, '159'])
  expect(await running()).toBe(0)
})

test('a caller that leaves before the answer ends the query in the engine', async () => {
  const { url } = await api.listen()
  const leaving = new AbortController()
  const asked = fetch(`${url}/v0/pipes/slow.json?token=${api.adminToken}`, {
    signal: leaving.signal,
  })
  const gone = expect(asked).rejects.toThrow()
  await expect.poll(running, { timeout: 1_900, interval: 20 }).toBe(1)
  leaving.abort()
  await gone
  // Well before its own time limit would have ended it.
  await expect.poll(running, { timeout: 1_000, interval: 20 }).toBe(0)
})

test('a caller that leaves in the middle of the answer frees the place of its query', async () => {
  const { url } = await api.listen()
  for (let n = 0; n < 20; n++) {
    const answer = await fetch(`${url}/v0/pipes/endless.ndjson?token=${api.adminToken}`)
    const reader = answer.body!.getReader()
    await reader.read()
    await reader.cancel()
  }
  const after = await fetch(`${url}/v0/pipes/endless.ndjson?token=${api.adminToken}`)
  expect((await after.text()).split('\n')).toHaveLength(20_001)
})
