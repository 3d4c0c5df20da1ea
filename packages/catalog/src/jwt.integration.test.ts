// JWTs on a real catalog: who may sign, and how soon that ends. Attacks 13 to 15 and 25.
import { createHmac, randomUUID } from 'node:crypto'

import { Fault } from '@sandpiper/faults'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Catalog } from './catalog-contract.ts'
import type { JwtSettings } from './jwt-contract.ts'
import { readPublicJwk } from './public-jwk.ts'
import { startCatalog, type TestCatalog } from './test-catalog.fixture.ts'

let running: TestCatalog
let catalog: Catalog
let clock = 1_700_000_000_000
/** Texts by URL; what is missing cannot be fetched. */
const remote = new Map<string, string>()
let fetches = 0

let workspaceId: string
let admin: string

beforeAll(async () => {
  running = await startCatalog({
    now: () => clock,
    fetchJwks(url) {
      fetches += 1
      const text = remote.get(url)
      return text === undefined ? Promise.reject(new Error('away')) : Promise.resolve(text)
    },
  })
  catalog = running.catalog
})
afterAll(() => running.stop())

beforeEach(async () => {
  const made = await catalog.createWorkspace({ name: `w_${randomUUID()}` })
  workspaceId = made.workspace.id
  admin = made.adminToken.value
  remote.clear()
  fetches = 0
})

const seconds = (): number => Math.floor(clock / 1_000)

function claims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...{ workspace_id: workspaceId, name: 'browser', exp: seconds() + 600 },
    scopes: [{ type: 'PIPES:READ', resource: 'kpis' }],
    ...changes,
  }
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Signed as third parties do it: by hand, with the value of the admin token. */
function hs256(
  payload: Record<string, unknown> = claims(),
  secret: string | Buffer = admin,
  header: Record<string, unknown> = { alg: 'HS256', typ: 'JWT' },
  hash = 'sha256',
): string {
  const text = `${encode(header)}.${encode(payload)}`
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`
}

/** The name in the token, or why it is refused. */
async function told(jwt: string, by = catalog): Promise<string> {
  try {
    return (await by.findToken(jwt))?.name ?? 'nobody'
  } catch (err) {
    if (err instanceof Fault && err.status === 403) return err.details.public
    throw err
  }
}

interface Signer {
  readonly jwk: JWK
  readonly pair: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }
  sign(kid?: string | null, payload?: Record<string, unknown>): Promise<string>
}

async function signer(alg: 'RS256' | 'ES256' | 'EdDSA', kid: string): Promise<Signer> {
  const pair = await generateKeyPair(alg, { extractable: true })
  return {
    jwk: { ...(await exportJWK(pair.publicKey)), kid },
    pair,
    sign: (as = kid, payload = claims()) =>
      new SignJWT(payload)
        .setProtectedHeader({ alg, ...(as === null ? {} : { kid: as }) })
        .sign(pair.privateKey),
  }
}

async function put(changes: Partial<Omit<JwtSettings, 'keys'>>, ...jwks: JWK[]): Promise<void> {
  const keys = jwks.map((jwk) => {
    const key = readPublicJwk(jwk)
    if (typeof key === 'string') throw new Error(key)
    return key
  })
  await catalog.putJwtSettings(workspaceId, {
    ...{ jwksUrl: null, lifetimeSecondsMax: null },
    ...changes,
    keys,
  })
}

describe('signed with the admin token', () => {
  test('a JWT grants what it claims', async () => {
    const jwt = hs256(claims({ limits: { rps: 7 } }))
    const found = await catalog.findToken(jwt)
    expect(found).toMatchObject({
      ...{ workspaceId, name: 'browser', limits: { token: { rps: 7 }, workspace: {} } },
      scopes: [{ type: 'PIPES:READ', resource: 'kpis', filter: null, fixedParams: null }],
    })
    expect(found?.id).toMatch(/^jwt_[0-9a-f]{16}$/)
  })

  test('the one that the server signs is the same to it', async () => {
    const jwt = await catalog.createJwt(workspaceId, {
      ...{ name: 'made', expiresAt: seconds() + 60, limits: { rps: 3, max_rows_to_read: 4 } },
      scopes: [
        { type: 'PIPES:READ', resource: 'kpis', filter: null, fixedParams: { tenant: 'ü' } },
        { type: 'DATASOURCES:READ', resource: 'events', filter: "a = '1'", fixedParams: null },
      ],
    })
    expect(await catalog.findToken(jwt)).toMatchObject({
      ...{ name: 'made', workspaceId },
      limits: { token: { rps: 3, max_rows_to_read: 4 }, workspace: {} },
      scopes: [{ fixedParams: { tenant: 'ü' } }, { filter: "a = '1'" }],
    })
  })

  test.each([
    ['another secret', () => hs256(claims(), `${admin}x`)],
    ['no secret', () => hs256(claims(), '')],
    ['a secret with a blank before it', () => hs256(claims(), ` ${admin}`)],
    ['alg none', () => `${encode({ alg: 'none' })}.${encode(claims())}.`],
    ['alg None and a signature', () => hs256(claims(), admin, { alg: 'None' })],
    ['no alg', () => hs256(claims(), admin, {})],
    ['HS384, well signed', () => hs256(claims(), admin, { alg: 'HS384' }, 'sha384')],
    ['HS512 said, HS256 done', () => hs256(claims(), admin, { alg: 'HS512' })],
    ['the signature cut off', () => hs256().slice(0, -1)],
    ['no signature', () => hs256().replace(/[^.]*$/, '')],
    ['other claims under the signature', () => swapped(hs256(), claims({ name: 'root' }))],
    ['another workspace', () => hs256(claims({ workspace_id: randomUUID() }))],
    ['the workspace of the system', () => hs256(claims({ workspace_id: SYSTEM }))],
    ['a critical extension', () => hs256(claims(), admin, { alg: 'HS256', crit: ['x'], x: 1 })],
    ['its key brought along', () => hs256(claims(), 'mine', { alg: 'HS256', jwk: OCT })],
    ['its key at a URL', () => hs256(claims(), 'mine', { alg: 'HS256', jku: URL, x5u: URL })],
    ['a kid that is a path', () => hs256(claims(), '', { alg: 'HS256', kid: '/dev/null' })],
    ['a kid that is SQL', () => hs256(claims(), 'a', { alg: 'HS256', kid: "' UNION SELECT 'a" })],
  ])('%s is nobody', async (_what, jwt) => {
    expect(await told(jwt())).toBe('nobody')
    expect(fetches).toBe(0)
  })
  const SYSTEM = '00000000-0000-4000-8000-000000000001'
  const URL = 'https://attacker.example/keys'
  const OCT = { kty: 'oct', k: Buffer.from('mine').toString('base64url') }

  function swapped(jwt: string, payload: unknown): string {
    const [head = '', , signature = ''] = jwt.split('.')
    return `${head}.${encode(payload)}.${signature}`
  }

  test('another token of the workspace signs nothing, and neither does the admin of another', async () => {
    const strong = await catalog.createToken({
      ...{ workspaceId, name: 'strong', origin: { type: 'C', resourceId: null } },
      scopes: [{ type: 'ADMIN', resource: null, filter: null, fixedParams: null }],
    })
    const other = await catalog.createWorkspace({ name: `w_${randomUUID()}` })
    for (const secret of [strong.value, other.adminToken.value])
      expect(await told(hs256(claims(), secret))).toBe('nobody')
  })

  test('claims of the wrong type are told to whoever signed', async () => {
    expect(await told(hs256(claims({ exp: undefined })))).toContain('"exp"')
    expect(await told(hs256(claims({ exp: `${seconds() + 60}` })))).toContain('"exp"')
    expect(await told(hs256(claims({ exp: seconds() + 60.5 })))).toContain('"exp"')
    expect(await told(hs256(claims({ scopes: [{ type: 'ADMIN' }] })))).toContain('scopes are')
    expect(await told(hs256(claims({ nbf: seconds() + 61 })))).toContain('not valid yet')
    expect(await told(hs256(claims({ nbf: seconds() + 60 })))).toBe('browser')
  })

  test('a branch has tokens and JWTs of its own', async () => {
    const branch = await catalog.createWorkspace({ name: 'branch', mainId: workspaceId })
    const ofBranch = claims({ workspace_id: branch.workspace.id })
    expect(await told(hs256(ofBranch, branch.adminToken.value))).toBe('browser')
    expect(await told(hs256(ofBranch, admin))).toBe('nobody')
    expect(await told(hs256(claims(), branch.adminToken.value))).toBe('nobody')
  })
})

describe('signed with a key of the workspace', () => {
  test.each(['RS256', 'ES256', 'EdDSA'] as const)(
    '%s, by its kid or as the only one',
    async (alg) => {
      const one = await signer(alg, 'one')
      await put({}, one.jwk)
      expect(await told(await one.sign())).toBe('browser')
      expect(await told(await one.sign(null))).toBe('browser')
      expect(await told(await one.sign('two'))).toBe('nobody')
      const two = await signer(alg, 'two')
      await put({}, one.jwk, two.jwk)
      // The key of another, under its kid; and no kid where there is a choice.
      expect(await told(await one.sign('two'))).toBe('nobody')
      expect(await told(await one.sign(null))).toBe('nobody')
      expect(await told(await two.sign())).toBe('browser')
    },
  )

  test('a public key is no shared secret, in any of its spellings', async () => {
    const rsa = await signer('RS256', 'k')
    await put({}, rsa.jwk)
    const pem = await exportSPKI(rsa.pair.publicKey)
    const spellings = [pem, `\n${pem}`, pem.trim(), rsa.jwk.n ?? '', JSON.stringify(rsa.jwk)]
    for (const secret of [...spellings, Buffer.from(rsa.jwk.n ?? '', 'base64url')]) {
      for (const header of [
        { alg: 'HS256', kid: 'k' },
        { alg: 'RS256', kid: 'k' },
      ])
        expect(await told(hs256(claims(), secret, header))).toBe('nobody')
    }
    expect(await told(await rsa.sign())).toBe('browser')
  })

  test('a key of another workspace signs nothing here', async () => {
    const mine = await signer('ES256', 'k')
    await put({}, mine.jwk)
    const there = await catalog.createWorkspace({ name: `w_${randomUUID()}` })
    const jwt = await mine.sign('k', claims({ workspace_id: there.workspace.id }))
    expect(await told(jwt)).toBe('nobody')
  })

  test.each<[string, (jwk: JWK) => JWK]>([
    ['private', (jwk) => ({ ...jwk, d: 'AAAA' })],
    ['shared', () => ({ kty: 'oct', kid: 'k', k: 'AAAA' })],
    ['for encryption', (jwk) => ({ ...jwk, use: 'enc' })],
    ['said to be for HS256', (jwk) => ({ ...jwk, alg: 'HS256' })],
    ['without kid', ({ kid: _, ...jwk }) => jwk],
    ['on another curve', (jwk) => ({ ...jwk, crv: 'P-384' })],
    ['RSA with few bits', () => ({ kty: 'RSA', kid: 'k', n: 'A'.repeat(171), e: 'AQAB' })],
    [
      'RSA with a large exponent',
      () => ({ kty: 'RSA', kid: 'k', n: 'A'.repeat(342), e: 'A'.repeat(300) }),
    ],
  ])('a key that is %s is not kept', async (_what, spoil) => {
    const { jwk } = await signer('ES256', 'k')
    expect(readPublicJwk(spoil(jwk))).toEqual(expect.any(String))
  })

  test('a key that is no point of its curve signs nothing', async () => {
    const one = await signer('ES256', 'k')
    await put({}, { ...one.jwk, y: one.jwk.x ?? '' })
    expect(await told(await one.sign())).toBe('nobody')
  })
})

describe('keys at a URL', () => {
  // What was fetched is remembered by its address.
  let url: string
  beforeEach(() => {
    url = `https://idp.example/${randomUUID()}`
  })

  test('are fetched when they are needed, and again for a new kid, but not for each one that is made up', async () => {
    const [one, two] = [await signer('RS256', 'one'), await signer('ES256', 'two')]
    await put({ jwksUrl: url })
    remote.set(url, JSON.stringify({ keys: [{ kty: 'weird' }, 7, one.jwk] }))
    expect(await told(await one.sign())).toBe('browser')
    remote.set(url, JSON.stringify({ keys: [one.jwk, two.jwk] }))
    for (let n = 0; n < 20; n += 1)
      expect(await told(await two.sign(`made up ${n}`))).toBe('nobody')
    expect(fetches).toBe(1)
    expect(await told(await two.sign())).toBe('nobody')
    clock += 30_000
    expect(await told(await two.sign())).toBe('browser')
    expect(fetches).toBe(2)
  })

  test('that went away at the provider sign nothing five minutes later; an outage locks nobody out for an hour', async () => {
    const one = await signer('EdDSA', 'one')
    const sign = (): Promise<string> => one.sign('one', claims({ exp: seconds() + 100_000 }))
    await put({ jwksUrl: url })
    remote.set(url, JSON.stringify({ keys: [one.jwk] }))
    expect(await told(await sign())).toBe('browser')
    remote.set(url, 'not JSON')
    clock += 3_599_000
    expect(await told(await sign())).toBe('browser')
    clock += 2_000
    expect(await told(await sign())).toBe('nobody')
    clock += 60_000
    remote.set(url, JSON.stringify({ keys: [one.jwk] }))
    const jwt = await sign()
    expect(await told(jwt)).toBe('browser')
    remote.set(url, '{"keys":[]}')
    clock += 301_000
    expect(await told(jwt)).toBe('nobody')
  })

  test('an empty answer of the provider, and shared keys in it, sign nothing', async () => {
    await put({ jwksUrl: url })
    const oct = { kty: 'oct', kid: 'k', k: Buffer.from('mine').toString('base64url') }
    remote.set(url, JSON.stringify({ keys: [oct] }))
    expect(await told(hs256(claims(), 'mine', { alg: 'HS256', kid: 'k' }))).toBe('nobody')
    expect(await told(await (await signer('ES256', 'k')).sign())).toBe('nobody')
  })
})

describe('an end', () => {
  test('comes with exp, also for one that is remembered', async () => {
    const jwt = hs256(claims({ exp: seconds() + 2 }))
    const first = await catalog.findToken(jwt)
    expect(catalog.tokenNow(jwt)).toBe(first)
    clock += 1_999
    expect(await told(jwt)).toBe('browser')
    clock += 1
    expect(catalog.tokenNow(jwt)).toBeUndefined()
    expect(await told(jwt)).toBe('The token has expired.')
  })

  test.each<[string, () => Promise<unknown>]>([
    [
      'the admin token is refreshed',
      () => catalog.refreshToken(workspaceId, 'workspace admin token'),
    ],
    ['the workspace is removed', () => catalog.removeWorkspace(workspaceId)],
  ])('comes at once when %s, here and within a second elsewhere', async (_what, act) => {
    const other = await running.open()
    const jwt = hs256()
    expect([await told(jwt), await told(jwt, other)]).toEqual(['browser', 'browser'])
    await act()
    expect(catalog.tokenNow(jwt)).toBeUndefined()
    expect(await told(jwt)).toBe('nobody')
    // Whether its notice came or not.
    clock += 1_000
    expect(await told(jwt, other)).toBe('nobody')
    expect(other.tokenNow(jwt)).toBeUndefined()
  })

  test('comes at once when its key is taken away, or the time it may have', async () => {
    const one = await signer('ES256', 'one')
    await put({}, one.jwk)
    const jwt = await one.sign()
    expect(await told(jwt)).toBe('browser')
    await put({ lifetimeSecondsMax: 300 }, one.jwk)
    expect(await told(jwt)).toContain('expires later than the 300 s')
    await put({})
    expect(await told(jwt)).toBe('nobody')
    expect(await catalog.jwtSettings(workspaceId)).toEqual({
      ...{ keys: [], jwksUrl: null, lifetimeSecondsMax: null },
    })
  })
})

test('nobody is asked twice for what is asked at the same time, and what is remembered is bounded by its hash', async () => {
  const jwt = hs256()
  const all = await Promise.all(Array.from({ length: 50 }, () => catalog.findToken(jwt)))
  expect(new Set(all).size).toBe(1)
  expect(catalog.tokenNow(jwt)).toBe(all[0])
  expect(catalog.tokenNow(`${jwt}x`)).toBeUndefined()
})
