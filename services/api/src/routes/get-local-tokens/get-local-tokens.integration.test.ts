import { localTokensSchema } from '@sandpiper/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startManagementApi, type TestApi } from '../../../test/start-management-api.ts'

let api: TestApi

beforeAll(async () => {
  api = await startManagementApi()
})

afterAll(() => api.stop())

const LOCAL = { peer: '127.0.0.1', headers: { Host: 'localhost:7181' } }

describe('a program on this machine', () => {
  test.each([
    ['127.0.0.1', 'localhost:7181', '127.0.0.1'],
    ['127.0.0.1', 'localhost', 'localhost'],
    ['127.0.0.1', 'LOCALHOST:7181', '127.0.0.1'],
    ['127.9.9.9', '127.0.0.1:7181', '127.0.0.2'],
    ['::1', '[::1]:7181', '::1'],
    ['::1', '[::1]', '::1'],
    ['::ffff:127.0.0.1', '127.0.0.1:80', '::1'],
  ])('from %s, as %s, of a server bound to %s, gets the tokens', async (peer, host, boundTo) => {
    const answer = await api.callFrom({ peer, boundTo, headers: { Host: host } }, '/tokens')
    expect(answer.status).toBe(200)
    expect(localTokensSchema.parse(answer.body)).toEqual({
      user_token: api.home.userToken,
      admin_token: api.home.adminToken,
      workspace_admin_token: api.home.workspaceAdminToken,
    })
  })

  test('gets an answer that no browser shares or keeps', async () => {
    const { headers } = await api.callFrom(LOCAL, '/tokens?from=ts-sdk')
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(headers.get('Cache-Control')).toBe('no-store')
    expect(headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin')
  })
})

describe('the console in a browser on this machine', () => {
  const FETCH = { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'empty' }

  test('gets the tokens by fetch()', async () => {
    for (const mode of ['cors', 'same-origin']) {
      const headers = { ...LOCAL.headers, ...FETCH, 'Sec-Fetch-Mode': mode }
      const answer = await api.callFrom({ ...LOCAL, headers }, '/tokens')
      expect([answer.status, answer.headers.get('Cache-Control')]).toEqual([200, 'no-store'])
    }
  })

  test.each([
    ['a name that leads here', { Host: 'rebound.example:7181' }, '127.0.0.1'],
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }, '127.0.0.1'],
    ['another port of this machine', { 'Sec-Fetch-Site': 'same-site' }, '127.0.0.1'],
    ['another machine', {}, '192.168.1.7'],
    ['an origin, even ours', { Origin: 'http://localhost:7181' }, '127.0.0.1'],
    ['a script of its own page', { 'Sec-Fetch-Dest': 'script' }, '127.0.0.1'],
    ['a frame of its own page', { 'Sec-Fetch-Dest': 'iframe' }, '127.0.0.1'],
    ['a link of its own page', { 'Sec-Fetch-Dest': 'document' }, '127.0.0.1'],
  ])('nobody gets them by %s', async (_, more, peer) => {
    const headers = { ...LOCAL.headers, ...FETCH, ...more }
    expect((await api.callFrom({ peer, headers }, '/tokens')).status).toBe(404)
  })
})

describe('nobody else: 404, as for any path that is not there', () => {
  test.each([
    'evil.example',
    'evil.example:7181',
    'localhost.evil.example',
    'localhost:7181.evil.example',
    'localhost@evil.example',
    'localhost, evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1.nip.io',
    '127.0.0.256',
    '127.1',
    '2130706433',
    '0.0.0.0:7181',
    '[::]:7181',
    '[::1',
    '::1',
    '192.168.1.2:7181',
    'localhost.',
    ' ',
    '',
  ])('with Host %j', async (host) => {
    const answer = await api.callFrom({ ...LOCAL, headers: { Host: host } }, '/tokens')
    expect(answer.status).toBe(404)
    expect(JSON.stringify(answer.body)).not.toContain('p.')
  })

  test('without a Host header', async () => {
    expect((await api.callFrom({ ...LOCAL, headers: {} }, '/tokens')).status).toBe(404)
  })

  test.each([
    '192.168.1.7',
    '10.0.0.1',
    '::ffff:192.168.1.7',
    'fe80::1',
    '::',
    '0.0.0.0',
    '128.0.0.1',
    '1127.0.0.1',
    '',
  ])('from peer %j', async (peer) => {
    expect((await api.callFrom({ ...LOCAL, peer }, '/tokens')).status).toBe(404)
  })

  test('from a peer that is not known', async () => {
    expect((await api.callFrom({ headers: LOCAL.headers }, '/tokens')).status).toBe(404)
  })

  test.each(['0.0.0.0', '::', '192.168.1.2', 'example.com', ''])(
    'when the server is bound to %j, even for a loopback peer',
    async (boundTo) => {
      expect((await api.callFrom({ ...LOCAL, boundTo }, '/tokens')).status).toBe(404)
    },
  )

  test.each([
    ['Origin', 'null'],
    ['Origin', 'https://evil.example'],
    ['Origin', 'http://localhost:7181'],
    ['Origin', ''],
    ['Sec-Fetch-Site', 'cross-site'],
    ['Sec-Fetch-Site', 'same-site'],
    ['Sec-Fetch-Site', 'same-origin'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Forwarded-Host', 'localhost'],
    ['X-Real-IP', '127.0.0.1'],
    ['Forwarded', 'for=127.0.0.1'],
    ['Via', '1.1 proxy'],
    ['X-Forwarded-Proto', 'https'],
    ['CF-Connecting-IP', '127.0.0.1'],
  ])('with the header %s: %s', async (name, value) => {
    const headers = { ...LOCAL.headers, [name]: value }
    expect((await api.callFrom({ ...LOCAL, headers }, '/tokens')).status).toBe(404)
  })

  test('through a proxy that adds no header and names us as the Host, as nginx does where it is not told otherwise', async () => {
    expect((await api.callFrom({ ...LOCAL, httpVersion: '1.0' }, '/tokens')).status).toBe(404)
  })

  test('with the words of a path that does not exist', async () => {
    const refused = await api.callFrom({ ...LOCAL, headers: { Host: 'evil.example' } }, '/tokens')
    const absent = await api.callFrom(LOCAL, '/tokenz')
    expect(JSON.stringify(refused.body).replace('/tokens', '/tokenz')).toBe(
      JSON.stringify(absent.body),
    )
  })
})
