// A truncated body never looks complete: an error after the first MiB breaks the connection.
import { request } from 'node:http'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi({
    late: [
      [
        'n0',
        "SELECT number, repeat('x', 30) AS t, intDiv(1, 300000 - toInt64(number)) AS d FROM numbers(400000)",
        'endpoint',
      ],
    ],
    early: [['n0', 'SELECT intDiv(1, 10 - toInt64(number)) AS d FROM numbers(100)', 'endpoint']],
  })
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
