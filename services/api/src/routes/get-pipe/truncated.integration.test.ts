// A stream half-way: an error after the first MiB breaks the connection, and a caller that leaves ends the query.
import { request } from 'node:http'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { pipeId, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

const MARKER = '73427342'
const SLOW = `SELECT count() AS c FROM numbers(1000000000) AS a, numbers(1000) AS b WHERE sipHash64(a.number, b.number) = ${MARKER}`
let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi(
    {
      slow: [['n0', SLOW, 'endpoint']],
      slow_kept: [['n0', `%{{cache_ttl('1h')}}\n${SLOW}`, 'endpoint']],
      stream: [
        [
          'n0',
          `SELECT number, repeat('x', 1000) AS x FROM numbers(100000000) WHERE number != ${MARKER}`,
          'endpoint',
        ],
      ],
      late: [
        [
          'n0',
          "SELECT number, repeat('x', 30) AS t, intDiv(1, 300000 - toInt64(number)) AS d FROM numbers(400000)",
          'endpoint',
        ],
      ],
      early: [['n0', 'SELECT intDiv(1, 10 - toInt64(number)) AS d FROM numbers(100)', 'endpoint']],
    },
    { queryTimeoutSeconds: 60 },
  )
})
afterAll(() => api.stop())

interface Raw {
  readonly status: number
  readonly bytes: number
  readonly complete: boolean
  readonly tail: string
}

function get(url: string): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const req = request(url, (res) => {
      let bytes = 0
      let tail = ''
      const done = (): void => {
        resolve({ status: res.statusCode ?? 0, bytes, complete: res.complete, tail })
      }
      res.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength
        tail = (tail + chunk.toString('latin1')).slice(-2_000)
      })
      res.on('close', done)
      res.on('error', () => undefined)
    })
    req.on('error', reject)
    req.end()
  })
}

test.each(['json', 'csv', 'ndjson'])(
  'an error late in a .%s stream breaks the connection',
  async (ending) => {
    const { url } = await api.listen()
    const seen = await get(`${url}/v0/pipes/late.${ending}?token=${api.adminToken}`)
    expect(seen).toMatchObject({ status: 200, complete: false })
    expect(seen.bytes).toBeGreaterThan(1_000_000)
    expect(seen.tail).not.toContain('statistics')
    expect(seen.tail).not.toContain('__exception__')
  },
)

test('an error within the first MiB has its own status', async () => {
  const { url } = await api.listen()
  const answer = await fetch(`${url}/v0/pipes/early.json?token=${api.adminToken}`)
  expect([answer.status, answer.headers.get('x-db-exception-code')]).toEqual([400, '153'])
})

async function running(): Promise<number> {
  const sql = `SELECT count() AS n FROM system.processes WHERE query LIKE '%${MARKER}%' AND query NOT LIKE '%system.processes%'`
  return Number((await api.deps.clickhouse.rows<{ n: string }>({ sql }))[0]?.n)
}

const POST = { method: 'POST', headers: { 'content-type': 'application/json' } }

test.each<[string, string, RequestInit]>([
  ['an endpoint by POST', '/v0/pipes/slow.json', { ...POST, body: '{"a":1}' }],
  ['an endpoint whose answer would be kept', '/v0/pipes/slow_kept.json', {}],
  ['SQL by POST', '/v0/sql', { ...POST, body: '{"q":"SELECT c FROM slow"}' }],
])(
  'a caller that leaves before the answer of %s ends the query in the engine',
  async (_, path, init) => {
    const { url } = await api.listen()
    const leaving = new AbortController()
    const asked = fetch(`${url}${path}?token=${api.adminToken}`, {
      ...init,
      signal: leaving.signal,
    })
    const gone = expect(asked).rejects.toThrow()
    await expect.poll(running, { timeout: 20_000, interval: 50 }).toBe(1)
    leaving.abort()
    await gone
    // Long before its own time limit would have ended it.
    await expect.poll(running, { timeout: 20_000, interval: 50 }).toBe(0)
  },
)

test('a caller that leaves half-way through a stream, its cost hidden, ends the query in the engine', async () => {
  const { url } = await api.listen()
  const token = await api.token({
    ...{ type: 'PIPES:READ', resource: pipeId('stream'), fixedParams: { org: 'a' } },
  })
  const answer = await fetch(`${url}/v0/pipes/stream.json?token=${token}`, { method: 'POST' })
  const reader = answer.body!.getReader()
  await reader.read()
  expect(await running()).toBe(1)
  await reader.cancel()
  await expect.poll(running, { timeout: 20_000, interval: 50 }).toBe(0)
})

test('an error late in a stream whose cost is hidden breaks the connection too', async () => {
  const { url } = await api.listen()
  const token = await api.token({
    ...{ type: 'PIPES:READ', resource: pipeId('late'), fixedParams: { org: 'a' } },
  })
  const seen = await get(`${url}/v0/pipes/late.json?token=${token}`)
  expect(seen).toMatchObject({ status: 200, complete: false })
  expect(seen.bytes).toBeGreaterThan(1_000_000)
})
