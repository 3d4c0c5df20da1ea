// Attacks 13 to 16 and 25: JWTs that nobody should believe, and parameters that nobody may change.
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { expect } from './expect.ts'
import { HIDDEN } from './project.ts'
import { inSeconds, signJwt, unsignedJwt, type Claims } from './sign-jwt.ts'
import type { Suite } from './suite.ts'
import type { Target } from './target.ts'

const READ = [{ type: 'PIPES:READ', resource: 'by_org' }]
const MINE = [{ type: 'PIPES:READ', resource: 'by_org', fixed_params: { org: 'mine' } }]

/** The good claims of the attacked workspace, with these instead. */
const claimsOf = ({ ownId }: Target, change: Claims = {}): Claims => ({
  ...{ workspace_id: ownId, name: 'attacker', exp: inSeconds(600), scopes: READ },
  ...change,
})

export function jwtAttacks(suite: Suite): void {
  signatureAttacks(suite)
  timeAttacks(suite)
  fixedParameterAttacks(suite)
  rightAttacks(suite)
}

function signatureAttacks(suite: Suite): void {
  const { target, test } = suite

  test('attack 13: only the key of the workspace signs, only in its own way', async () => {
    const { admin, stranger, caller, keeper } = target().tokens
    const claims = claimsOf(target())
    await refused(target(), 'the good one', signJwt(claims, admin), 200)
    const [head, body, signature] = signJwt(claims, admin).split('.') as [string, string, string]
    const alg = (name: unknown): Claims => ({ alg: name, typ: 'JWT' })
    const forged: [string, string][] = [
      ...['none', 'None', 'NONE', '', null, 0].map((name): [string, string] => [
        `alg ${String(name)}`,
        unsignedJwt(claims, alg(name)),
      ]),
      ...['none', 'RS256', 'HS512', 'HS384', 'ES256', 'EdDSA', 'hs256', ' HS256'].map(
        (name): [string, string] => [`said to be ${name}`, signJwt(claims, admin, alg(name))],
      ),
      ['no signature', `${head}.${body}.`],
      ['half a signature', `${head}.${body}.${signature.slice(0, 20)}`],
      ['another signature', `${head}.${body}.${signature.slice(1)}A`],
      ['a fourth part', `${head}.${body}.${signature}.x`],
      ['the key of nobody', signJwt(claims, '')],
      ['the key of another workspace', signJwt(claims, stranger)],
      ['a token that is no key', signJwt(claims, caller)],
      ['a token that manages tokens', signJwt(claims, keeper)],
      ['the id of the workspace as the key', signJwt(claims, target().ownId)],
      ['another body', `${head}.${encode({ ...claims, scopes: MINE })}.${signature}`],
      ['another workspace', signJwt({ ...claims, workspace_id: target().otherId }, admin)],
      ['a blank before it', signJwt(claims, ` ${admin}`)],
    ]
    for (const [what, value] of forged) await refused(target(), what, value)
  })

  test('attacks 13 and 14: a header names, brings and points to no key', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = pair.publicKey.export({ format: 'jwk' })
    const claims = claimsOf(target())
    const url = 'http://127.0.0.1:1/jwks.json'
    for (const header of [
      { jwk },
      { jku: url },
      { x5u: url },
      { kid: '../../../../dev/null', jwk },
      { kid: "' OR 1=1 --" },
      { kid: 'x'.repeat(5_000) },
      { kid: { $ne: null } },
      { crit: ['exp'] },
    ]) {
      const what = JSON.stringify(header).slice(0, 60)
      const head = encode({ alg: 'ES256', typ: 'JWT', ...header })
      const text = `${head}.${encode(claims)}`
      const key = createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }))
      const made = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
      await refused(target(), what, `${text}.${made.toString('base64url')}`)
      await refused(target(), what, signJwt(claims, '', header))
    }
  })
}

/** What is wrong, and the claims; numbers are seconds from now. */
const WRONG_CLAIMS: readonly (readonly [string, Claims])[] = [
  ['no exp', { exp: undefined }],
  ['exp in the past', { exp: -1 }],
  ['exp now', { exp: 0 }],
  ['exp as text', { exp: 'text' }],
  ['exp with a fraction', { exp: 600.5 }],
  ['exp below zero', { exp: 'negative' }],
  ['exp of null', { exp: null }],
  ['exp as a list', { exp: [] }],
  ['nbf in an hour', { nbf: 3_600 }],
  ['nbf as text', { nbf: 'text' }],
  ['no name', { name: undefined }],
  ['scopes as text', { scopes: 'ADMIN' }],
  ['no scopes', { scopes: undefined }],
  ['the scope ADMIN', { scopes: [{ type: 'ADMIN' }] }],
  ['the scope TOKENS', { scopes: [{ type: 'TOKENS' }] }],
  ['no requests a second', { limits: { rps: -1 } }],
]

function timeAttacks(suite: Suite): void {
  const { target, each } = suite

  each(WRONG_CLAIMS)('attack 15: a JWT with %s is none', async (what, change) => {
    await refused(target(), what, target().jwt(READ, timed(change)))
  })
}

/** Numbers are seconds from now. */
function timed(change: Claims): Claims {
  const entries = Object.entries(change).map(([name, value]): [string, unknown] => {
    if (value === 'negative') return [name, -5]
    if (value === 'text') return [name, String(inSeconds(600))]
    return [name, typeof value === 'number' ? inSeconds(0) + value : value]
  })
  return Object.fromEntries(entries)
}

function fixedParameterAttacks(suite: Suite): void {
  const { target, test } = suite

  test('attack 16: a fixed parameter has its value, however another one is sent', async () => {
    const token = target().jwt(MINE)
    const json = { 'Content-Type': 'application/json' }
    const ways: [string, Parameters<Target['send']>[1]][] = [
      ['', {}],
      ['?org=theirs', {}],
      ['?org=theirs&org=theirs', {}],
      ['?org=mine&org=theirs', {}],
      ['?Org=theirs&ORG=theirs', {}],
      ['?%6frg=theirs', {}],
      ['?org%20=theirs&+org=theirs&org[]=theirs&org.=theirs', {}],
      ['?org=theirs', { body: new URLSearchParams({ org: 'theirs' }) }],
      ['', { body: '{"org":"theirs"}', headers: json }],
      ['', { body: '{"org":"mine","org":"theirs"}', headers: json }],
      ['', { body: '{"org":["theirs"]}', headers: json }],
      ['', { body: '{"org":null}', headers: json }],
      ['', { body: '{"__proto__":{"org":"theirs"}}', headers: json }],
      ['?template_parameters={"org":"theirs"}', {}],
      ['?fixed_params={"org":"theirs"}', {}],
      [`?q=${encodeURIComponent('SELECT * FROM _')}&org=theirs`, {}],
      [`?q=${encodeURIComponent("% SELECT {{String(org)}} AS org, '' AS word FROM _")}`, {}],
      ['?explain=true&org=theirs', {}],
      ['?__tb__deployment=1&org=theirs', {}],
    ]
    for (const [query, wish] of ways) {
      const path = `/v0/pipes/by_org.json${query}`
      const { status, text, json: body } = await target().send(path, { token, ...wish })
      expect(text, path).not.toContain(HIDDEN)
      expect(text, path).not.toContain('theirs')
      expect([200, 400, 403, 404], path).toContain(status)
      if (status !== 200 || query.includes('q=') || query.includes('explain')) continue
      expect(body, path).toMatchObject({ data: [{ org: 'mine', word: 'visible' }] })
    }
  })

  test('attack 17: a parameter fixed for one pipe opens no other, nor the data below it', async () => {
    const token = target().jwt(MINE)
    for (const path of ['/v0/pipes/kept.json?org=theirs', '/v0/pipes/echo.json'])
      expect((await target().send(path, { token })).status, path).toBe(403)
    for (const sql of [
      'SELECT * FROM people',
      'SELECT * FROM kept',
      "% SELECT * FROM by_org WHERE {{String(org)}} != 'x'",
      'SELECT * FROM by_org',
    ]) {
      const { text } = await target().sql(sql, token)
      expect(text, sql).not.toContain(HIDDEN)
    }
    const theirs = await target().send('/v0/sql?q=SELECT%20*%20FROM%20by_org&org=theirs', { token })
    expect(theirs.text).not.toContain(HIDDEN)
  })
}

function rightAttacks(suite: Suite): void {
  const { target, test } = suite

  test('attack 23: a JWT manages nothing', async () => {
    const token = target().jwt([...READ, { type: 'DATASOURCES:READ', resource: 'events' }])
    for (const [method, path] of [
      ['GET', '/v0/tokens'],
      ['POST', '/v0/tokens?name=evil&scope=ADMIN'],
      ['GET', '/v0/datasources'],
      ['GET', '/v0/pipes'],
      ['GET', '/v0/variables'],
      ['GET', '/v0/jobs'],
      ['GET', '/v1/workspace'],
      ['POST', '/v1/deploy'],
      ['POST', '/v0/events?name=events'],
      ['GET', '/v0/connectors'],
    ] as const) {
      const body = method === 'POST' ? { body: '{"name":"x"}' } : {}
      const got = await target().send(path, { method, token, ...body })
      expect(got.status, `${method} ${path}: ${got.text}`).toBe(403)
    }
  })

  test('attack 25: what was signed with a key that was changed is over at once, also where it was just believed', async () => {
    const { admin } = target().tokens
    const made = await target().send('/v0/tokens?expiration_time=' + String(inSeconds(600)), {
      token: admin,
      body: JSON.stringify({ name: 'short', scopes: READ }),
      headers: { 'Content-Type': 'application/json' },
    })
    expect(made.status, made.text).toBe(200)
    const { token } = made.json as { token: string }
    await refused(target(), 'the one that the server signed', token, 200)
    const soon = target().jwt(READ, { exp: inSeconds(2) })
    await refused(target(), 'one that ends in 2 s', soon, 200)
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    await refused(target(), 'one that ended', soon)
  })
}

/** Asks for a pipe with it. */
async function refused(
  { send }: Target,
  what: string,
  token: string,
  wanted: 200 | 403 = 403,
): Promise<void> {
  const { status, text } = await send('/v0/pipes/by_org.json?org=theirs', { token })
  expect(status, `${what}: ${text.slice(0, 200)}`).toBe(wanted)
  if (wanted === 403) expect(text, what).not.toContain(HIDDEN)
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
