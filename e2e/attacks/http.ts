// Attacks 22, 30, 38 and 46: the connection itself, and what a web page could reach through a browser.
import { expect } from './expect.ts'
import type { Suite } from './suite.ts'
import { sendRaw } from './send.ts'

const DIVERGENT: readonly (readonly [string, string])[] = [
  [
    'both lengths',
    'POST /v0/sql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v0/health HTTP/1.1\r\nHost: x\r\n\r\n',
  ],
  [
    'two lengths',
    'POST /v0/sql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef',
  ],
  [
    'an unknown encoding',
    'POST /v0/sql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
  ],
  ['a negative length', 'POST /v0/sql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
  ['a signed length', 'POST /v0/sql HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na'],
  ['lone line feeds', 'GET /v0/health HTTP/1.1\nHost: x\n\n'],
  ['a folded header', 'GET /v0/health HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n'],
  ['a blank before the colon', 'GET /v0/health HTTP/1.1\r\nHost : x\r\n\r\n'],
  ['no host', 'GET /v0/health HTTP/1.1\r\n\r\n'],
  ['a NUL in the path', 'GET /v0/\0x HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a bad chunk', 'POST /v0/sql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  [
    'a huge chunk extension',
    `POST /v0/sql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;${'a'.repeat(20_000)}\r\nabcde\r\n0\r\n\r\n`,
  ],
  [
    '5,000 headers',
    `GET /v0/health HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 5_000 }, (_, n) => `a${n}: b\r\n`).join('')}\r\n`,
  ],
  ['a huge header', `GET /v0/health HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(100_000)}\r\n\r\n`],
]

const MANAGEMENT = [
  '/v0/tokens',
  '/v0/datasources',
  '/v0/jobs',
  '/v1/deployments',
  '/v1/workspaces',
  '/v1/environments',
  '/v0/connectors',
  '/tokens',
  '/v0/pipes',
  '/v1/workspace',
  '/v0/console/dashboards',
  '/v0/console/overview',
  '/v0/console/project',
]

export function httpAttacks(suite: Suite): void {
  connectionAttacks(suite)
  originAttacks(suite)
  answerAttacks(suite)
}

function connectionAttacks(suite: Suite): void {
  const { describe, each, test, target } = suite
  describe('attacks 30 and 38: what two parsers could read in two ways is refused, once, and the connection is closed', () => {
    each(DIVERGENT)('%s', async (_, text) => {
      const answer = await sendRaw(target().url, text)
      const statuses = answer.match(/^HTTP\/1\.1 \d{3}/gm)
      expect(statuses).toHaveLength(1)
      expect(statuses?.[0]).toMatch(/ (400|413|431)$/)
    })
  })

  test('attack 38: a path means what is written, decoded once', async () => {
    const { caller } = target().tokens
    for (const path of [
      '/v0/pipes/..%2f..%2ftokens',
      '/v0/pipes/%2e%2e%2f%2e%2e%2ftokens',
      '/v0/pipes/%252e%252e%252ftokens',
      '/v0//events',
      '/V0/tokens',
      '/v0/events%2f',
      '/v0/pipes/echo%00.json',
      '/v0/pipes/%ff.json',
      '/v0/pipes/%.json',
      '/v0/pipes/echo.json;x=1',
      '/v0/datasources/%E0%A4%A',
    ]) {
      const { status, text } = await target().send(path, { token: caller })
      expect([400, 403, 404, 405], path).toContain(status)
      expect(text, path).not.toContain('user_token')
    }
  })
}

function originAttacks(suite: Suite): void {
  const { test, target } = suite
  test('attack 46: a page of another origin reads nothing but the data plane', async () => {
    const { admin } = target().tokens
    const headers = { Origin: 'https://evil.example' }
    const opened = (got: { headers: object }): string[] =>
      Object.keys(got.headers).filter((name) => name.startsWith('access-control'))
    for (const path of MANAGEMENT) {
      expect(opened(await target().send(path, { token: admin, headers })), path).toEqual([])
      const ask = { ...headers, 'Access-Control-Request-Method': 'GET' }
      expect(opened(await target().send(path, { method: 'OPTIONS', headers: ask })), path).toEqual(
        [],
      )
    }
    for (const path of ['/v0/sql?q=SELECT%201', '/v0/pipes/echo.json']) {
      const got = await target().send(path, { token: admin, headers })
      expect([got.status, got.headers['access-control-allow-origin']]).toEqual([200, '*'])
      expect(got.headers['access-control-allow-credentials']).toBeUndefined()
    }
  })

  test('attack 46: /tokens answers nobody who could be a web page or a stranger', async () => {
    for (const headers of [
      { Host: 'evil.example' },
      { Host: '127.0.0.1.nip.io' },
      { Host: 'localhost', Origin: 'http://localhost:3000' },
      { Host: 'localhost', Origin: 'null' },
      { Host: 'localhost', 'Sec-Fetch-Site': 'cross-site' },
      { Host: 'localhost', 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Dest': 'empty' },
      { Host: 'localhost', 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'script' },
      { Host: 'localhost', 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'iframe' },
      { Host: 'rebound.example', 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'empty' },
      { Host: 'localhost', 'X-Forwarded-For': '127.0.0.1' },
      { Host: 'localhost', Forwarded: 'for=127.0.0.1' },
    ]) {
      const { status, text } = await target().send('/tokens', { headers })
      expect([status, text.includes('user_token')], JSON.stringify(headers)).toEqual([404, false])
    }
  })
}

function answerAttacks(suite: Suite): void {
  const { test, target } = suite
  test('attack 22: each answer has a request id of ours, and no token comes back', async () => {
    const { reader } = target().tokens
    for (const path of [
      '/v0/sql?q=SELECT%201',
      '/v0/sql?q=x',
      '/v0/nothing',
      '/v0/datasources/nosuch',
      '/v0/events?name=events',
    ]) {
      const separator = path.includes('?') ? '&' : '?'
      const headers = { 'X-Request-Id': 'evil<script>' }
      const got = await target().send(`${path}${separator}token=${reader}`, { headers })
      expect(got.headers['x-request-id'], path).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
      expect(got.text).not.toContain(reader)
    }
  })

  test('attack 22: of several tokens none is taken from a header that is not one', async () => {
    const { admin } = target().tokens
    for (const headers of [
      { Authorization: `Basic ${Buffer.from(`x:${admin}`).toString('base64')}` },
      { Authorization: `Bearer ${admin}, Bearer ${admin}` },
      { Authorization: `Bearer  ${admin} x` },
      { Cookie: `token=${admin}` },
      { 'X-Token': admin },
    ])
      expect((await target().send('/v0/datasources', { headers })).status).toBe(403)
  })
}
