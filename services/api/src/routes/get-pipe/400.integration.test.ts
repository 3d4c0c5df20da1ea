import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi(
    {
      plain: [['n0', 'SELECT name, n FROM events', 'endpoint']],
      typed: [['n0', '%\nSELECT {{Int32(n)}} AS n', 'endpoint']],
      custom: [
        ['n0', "%\n{{custom_error({'error': 'teapot', 'code': 7}, 418)}} SELECT 1", 'endpoint'],
      ],
      broken: [['n0', 'SELECT nope FROM events', 'endpoint']],
      missing: [['n0', 'SELECT * FROM nosuch', 'endpoint']],
      readsFile: [['n0', "SELECT file('/etc/passwd')", 'endpoint']],
      settings: [['n0', 'SELECT 1 FROM (SELECT 1 SETTINGS readonly = 0)', 'endpoint']],
      memory: [
        ['n0', 'SELECT length(groupArray(number)) AS x FROM numbers(1000000000)', 'endpoint'],
      ],
      big: [['n0', "SELECT repeat('x', 1000) AS x FROM numbers(20000)", 'endpoint']],
      divided: [['n0', 'SELECT intDiv(1, number - 1) AS x FROM numbers(2)', 'endpoint']],
    },
    { resultBytesMax: 1_000_000, queryMemoryBytesMax: 100_000_000 },
  )
})
afterAll(() => api.stop())

async function refusal(
  path: string,
  init?: RequestInit,
): Promise<{ status: number; error: string; code: string | null }> {
  const answer = await api.call(path, api.adminToken, init)
  const body = (await answer.json()) as { error: string }
  expect(answer.headers.get('x-request-id')).not.toBeNull()
  return {
    status: answer.status,
    error: body.error,
    code: answer.headers.get('x-db-exception-code'),
  }
}

describe('the template', () => {
  test('a missing required parameter and a wrong type are 400 and named', async () => {
    for (const query of ['', '?n=x']) {
      const { status, error } = await refusal(`/v0/pipes/typed.json${query}`)
      expect(status).toBe(400)
      expect(error).toContain('Template Syntax Error')
    }
  })

  test('custom_error gives its own status and body', async () => {
    const answer = await api.call('/v0/pipes/custom.json', api.adminToken)
    expect(answer.status).toBe(418)
    expect(await answer.json()).toEqual({ error: 'teapot', code: 7 })
  })
})

describe('the engine', () => {
  test('its error comes with its code and in the names of the user', async () => {
    const { status, error, code } = await refusal('/v0/pipes/broken.json')
    expect([status, code]).toEqual([400, '47'])
    expect(error).toMatch(/^\[Error\] .*nope.* \(UNKNOWN_IDENTIFIER\)$/s)
    expect(error).not.toMatch(/ws_[0-9a-f]{8}|t_[0-9a-f]{8}/)
  })

  test('an unknown table is named as it was written', async () => {
    const { status, error } = await refusal('/v0/pipes/missing.json')
    expect(status).toBe(400)
    expect(error).toContain("'nosuch'")
  })

  test.each([
    ['memory', '241'],
    ['big', '396'],
    ['divided', '153'],
  ])('a query that ends at a limit or fails while it runs is 400: %s', async (pipe, code) => {
    expect(await refusal(`/v0/pipes/${pipe}.json`)).toMatchObject({ status: 400, code })
  })
})

describe('the gate', () => {
  test.each(['readsFile', 'settings'])(
    'a published pipe is judged like any SQL: %s',
    async (pipe) => {
      const { status, error } = await refusal(`/v0/pipes/${pipe}.json`)
      expect(status).toBe(400)
      expect(error).toMatch(/not allowed/)
    },
  )

  test.each([
    'SELECT * FROM users',
    'SELECT * FROM system.tables',
    "SELECT file('/etc/passwd') FROM _",
    'SELECT 1; DROP TABLE _',
    'SELECT * FROM _ SETTINGS max_threads = 1',
    'DROP TABLE _',
  ])('q reads the result and nothing else: %s', async (q) => {
    expect(await refusal(`/v0/pipes/plain.json?q=${encodeURIComponent(q)}`)).toMatchObject({
      status: 400,
    })
  })
})

describe('the request', () => {
  test.each([
    ['/v0/pipes/plain.xml', 'json, csv'],
    ['/v0/pipes/plain.prometheus', "The column 'value' is missing"],
    ['/v0/pipes/plain.json?__tb__deployment=x', '__tb__deployment'],
  ])('%s', async (path, text) => {
    const { status, error } = await refusal(path)
    expect(status).toBe(400)
    expect(error).toContain(text)
  })

  test.each([
    ['application/json', '{"a":'],
    ['application/json', '[1]'],
    ['text/plain', 'SELECT 1'],
  ])('a body that holds no parameters is refused: %s %s', async (type, body) => {
    expect(
      await refusal('/v0/pipes/plain.json', {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      }),
    ).toMatchObject({ status: 400 })
  })

  test('a body over the bound is 413', async () => {
    const body = `a=${'x'.repeat(9_000_000)}`
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    }
    expect(await refusal('/v0/pipes/plain.json', init)).toMatchObject({ status: 413 })
  })

  test.each(['PUT', 'DELETE', 'PATCH'])('%s is 405 and says what is allowed', async (method) => {
    const answer = await api.call('/v0/pipes/plain.json', api.adminToken, { method })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS'])
  })
})
