import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { createLogger } from '@sandpiper/telemetry'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ApiDeps } from '../../api-deps.ts'
import { createApiApp } from '../../app.ts'
import { createConsoleFiles } from '../../console/console-files.ts'
import { allRoutes } from '../all-routes.ts'

const folder = mkdtempSync(join(tmpdir(), 'sandpiper-console-'))
const dist = join(folder, 'dist')
const PAGE = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const SCRIPT = 'export const answer = 42\n'

beforeAll(async () => {
  await mkdir(join(dist, 'assets'), { recursive: true })
  await writeFile(
    join(dist, 'index.html'),
    '<script nonce="__CSP_NONCE__"></script><meta nonce="__CSP_NONCE__"><p>the console</p>',
  )
  await writeFile(join(dist, 'assets/index-1a.js'), SCRIPT)
  await writeFile(join(dist, 'assets/index-1a.js.br'), brotliCompressSync(SCRIPT))
  await writeFile(join(dist, 'assets/index-1a.js.gz'), gzipSync(SCRIPT))
  await writeFile(join(dist, 'icon.svg'), '<svg/>')
  await writeFile(join(dist, 'built-from'), 'fingerprint')
  await writeFile(join(dist, '.hidden.js'), 'hidden')
  await writeFile(join(folder, 'outside.js'), 'outside')
  await symlink('/etc/hostname', join(dist, 'assets/link'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const appOf = (files: string): ReturnType<typeof createApiApp> =>
  createApiApp(
    {
      // Nothing here may ask it.
      catalog: {},
      logger: createLogger({ service: 'test', level: 'silent' }),
      config: { host: '127.0.0.1', port: 7181, bodyBytesMax: 1_000 },
      consoleFiles: createConsoleFiles(files),
      now: Date.now,
    } as unknown as ApiDeps,
    allRoutes,
  )
const app = appOf(dist)
const ask = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  app.request(path, { headers })

describe('the page', () => {
  test.each(['/', '/index.html', '/sign-in', '/pipes/top_pages.json', '/a/b/c', '/v0x', '/tokens'])(
    'is what a browser gets that opens %s',
    async (path) => {
      const got = await ask(path, { ...PAGE, 'Sec-Fetch-Dest': 'document' })
      expect([got.status, got.headers.get('Content-Type')]).toEqual([
        200,
        'text/html; charset=utf-8',
      ])
      expect(await got.text()).toContain('the console')
    },
  )

  test('is what anybody gets at /, but elsewhere only who asks for a page', async () => {
    expect((await ask('/', { Accept: '*/*' })).status).toBe(200)
    expect((await ask('/sign-in', { Accept: '*/*' })).status).toBe(404)
    expect((await app.request('/sign-in', { method: 'POST', headers: PAGE })).status).toBe(404)
  })

  test.each(['/v0', '/v0/', '/v0/nothing', '/v1/nothing', '/v2/pipes', '/metrics', '/healthz'])(
    'is never the answer of the API at %s',
    async (path) => {
      const got = await ask(path, { ...PAGE, 'Sec-Fetch-Dest': 'document' })
      expect([got.status, got.headers.get('Content-Type')]).toEqual([404, 'application/json'])
    },
  )

  test('has another nonce each time, in its policy and in its text, and is kept by nobody', async () => {
    const nonces = new Set<string>()
    for (let i = 0; i < 3; i++) {
      const got = await ask('/', PAGE)
      const nonce = /script-src 'self' 'nonce-([A-Za-z0-9+/]{22}==)'/.exec(
        got.headers.get('Content-Security-Policy') ?? '',
      )?.[1]
      const text = await got.text()
      expect(text).toBe(
        `<script nonce="${nonce}"></script><meta nonce="${nonce}"><p>the console</p>`,
      )
      expect(got.headers.get('Cache-Control')).toBe('no-store')
      nonces.add(nonce ?? '')
    }
    expect(nonces.size).toBe(3)
  })

  test('runs no script that is not its own, speaks to nobody else, and stands in no frame', async () => {
    const { headers } = await ask('/', PAGE)
    const policy = (headers.get('Content-Security-Policy') ?? '')
      .replaceAll(/'nonce-[^']+'/g, "'nonce'")
      .split('; ')
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self' 'nonce'",
      "style-src 'self' 'nonce'",
      "img-src 'self' data: blob:",
      "font-src 'self'",
      "connect-src 'self'",
      "worker-src 'self' blob:",
      "manifest-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ])
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers.get('Permissions-Policy')).toContain('geolocation=()')
  })

  test('tells how to build it where it is not built, and nothing of where that is', async () => {
    const got = await appOf(join(folder, 'nowhere')).request('/sign-in', { headers: PAGE })
    const text = await got.text()
    expect([got.status, text.includes('npm run build'), text.includes(folder)]).toEqual([
      200,
      true,
      false,
    ])
    expect(got.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
  })
})

describe('its files', () => {
  test.each([
    ['br', 'br', brotliDecompressSync],
    ['gzip, deflate, br;q=0.9', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['br;q=0, GZIP', 'gzip', gunzipSync],
  ])('are packed for who takes %s, and kept for ever', async (accepted, packing, unpack) => {
    const got = await ask('/assets/index-1a.js', { 'Accept-Encoding': accepted })
    expect(Object.fromEntries(got.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'content-encoding': packing,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
    })
    expect(unpack(Buffer.from(await got.arrayBuffer())).toString()).toBe(SCRIPT)
  })

  test.each(['', 'identity', 'zstd', 'xbr', 'br;q=0'])(
    'are as they are for who takes %j',
    async (accepted) => {
      const got = await ask('/assets/index-1a.js', { 'Accept-Encoding': accepted })
      expect([got.headers.get('Content-Encoding'), await got.text()]).toEqual([null, SCRIPT])
    },
  )

  test('are asked for anew where their names have no hash', async () => {
    const got = await ask('/icon.svg')
    expect([got.headers.get('Content-Type'), got.headers.get('Cache-Control')]).toEqual([
      'image/svg+xml',
      'no-cache',
    ])
  })

  test.each([
    '/assets/none.js',
    '/assets/index-1a.js.br',
    '/assets',
    '/assets/link',
    '/built-from',
    '/.hidden.js',
    '/../outside.js',
    '/..%2foutside.js',
    '/%2e%2e/outside.js',
    '/assets/..%2f..%2foutside.js',
    '/assets/%2e%2e/%2e%2e/outside.js',
    '/assets//index-1a.js',
    '/assets/..\\..\\outside.js',
    '/assets/index-1a.js%00.svg',
    '/%00',
    '/%ff',
  ])('are only those of the build: %s is not there', async (path) => {
    const got = await ask(path)
    expect(got.status).toBe(404)
    expect(await got.text()).not.toMatch(/outside.$|hidden.$|fingerprint/)
  })

  test('have names that the disk takes', async () => {
    for (const name of ['a'.repeat(200), 'a'.repeat(5_000), 'a/'.repeat(3_000)])
      expect((await ask(`/${name}.js`)).status).toBe(404)
  })
})

test('no answer of it may be read by a page of another origin', async () => {
  for (const path of ['/', '/assets/index-1a.js', '/icon.svg', '/assets/none.js', '/tokens']) {
    const got = await ask(path, { ...PAGE, Origin: 'https://evil.example' })
    expect([...got.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  }
})
