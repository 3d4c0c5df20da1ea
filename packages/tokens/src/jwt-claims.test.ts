import { Fault } from '@sandpiper/faults'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { checkJwtTimes, readJwtClaims } from './jwt-claims.ts'
import { readJwtHead } from './jwt-head.ts'
import { readJwtScopes } from './jwt-scopes.ts'
import { shareClaim } from './share-claim.ts'

const WORKSPACE = 'b9d1c2f0-0000-4000-8000-000000000002'
const scopes = [{ type: 'PIPES:READ', resource: 'kpis' }]
const good = { workspace_id: WORKSPACE, name: 'browser', exp: 2_000_000_000, scopes }

function refusalOf(act: () => unknown): string {
  try {
    act()
  } catch (err) {
    if (err instanceof Fault && err.status === 403) return err.details.public
    throw err
  }
  return 'taken'
}

describe('claims', () => {
  test('are read with what narrows each scope, and other claims are passed over', () => {
    const claims = readJwtClaims({
      ...good,
      ...{ iat: 'whenever', aud: 7, nbf: 1, limits: { rps: 10, max_memory_usage: 5 } },
      scopes: [
        { type: 'PIPES:READ', resource: 'kpis', fixed_params: { tenant: 'a', ids: [1, 2] } },
        { type: 'DATASOURCES:READ', resource: 'events', filter: "org = 'a'" },
        { type: 'DATASOURCES:APPEND', resource: 'events', filter: null, fixed_params: {} },
      ],
    })
    expect(claims).toEqual({
      ...{ workspaceId: WORKSPACE, name: 'browser', expiresAt: 2_000_000_000, notBefore: 1 },
      limits: { rps: 10, max_memory_usage: 5 },
      share: null,
      scopes: [
        {
          ...{ type: 'PIPES:READ', resource: 'kpis', filter: null },
          fixedParams: { tenant: 'a', ids: [1, 2] },
        },
        {
          ...{ type: 'DATASOURCES:READ', resource: 'events', fixedParams: null },
          filter: "org = 'a'",
        },
        { type: 'DATASOURCES:APPEND', resource: 'events', filter: null, fixedParams: null },
      ],
    })
  })

  test('name the link they are of in a jti of ours, and no link in anybody else’s', () => {
    const shareOf = (jti: unknown): string | null => readJwtClaims({ ...good, jti }).share
    expect(shareOf(shareClaim('x'))).toBe('x')
    for (const jti of [undefined, null, 7, '', 'x', [shareClaim('x')], `a ${shareClaim('x')}`])
      expect(shareOf(jti)).toBeNull()
  })

  test.each([
    ...[undefined, null, '2000000000', 2e9 + 0.5, -1, Infinity, NaN, 1e300, [2e9], true].map(
      (exp) => ({ exp }),
    ),
    ...['2000000000', 1.5, {}, null].map((nbf) => ({ nbf })),
    ...[undefined, 7, {}].map((workspace_id) => ({ workspace_id })),
    ...[undefined, '', '  ', 'a\nb', 'x'.repeat(257), 7].map((name) => ({ name })),
    ...[[], 7, '10', { rps: 0 }, { rps: -1 }, { rps: 1.5 }, { rps: '5' }, { rps: 1e9 }].map(
      (limits) => ({ limits }),
    ),
    ...[{ rows: 5 }, { max_rows_to_read: 0 }, { copy_max_execution_time: 5 }].map((limits) => ({
      limits,
    })),
    ...[undefined, null, {}, 'PIPES:READ:kpis', [], [null], ['PIPES:READ:kpis']].map((wrong) => ({
      scopes: wrong,
    })),
  ])('with %j are refused', (wrong) => {
    expect(refusalOf(() => readJwtClaims({ ...good, ...wrong }))).toMatch(/^Invalid token: /)
  })

  test.each([[null], ['text'], [[]], [7]])('that are %j are refused', (payload) => {
    expect(refusalOf(() => readJwtClaims(payload))).toMatch(/^Invalid token: /)
  })
})

describe('scopes', () => {
  test.each([
    [{ type: 'ADMIN', resource: 'x' }],
    [{ type: 'TOKENS', resource: 'x' }],
    [{ type: 'DATASOURCES:DROP', resource: 'events' }],
    [{ type: 'WORKSPACE:READ_ALL', resource: 'x' }],
    [{ type: 'constructor', resource: 'x' }],
    [{ type: 'PIPES:READ' }],
    [{ type: 'PIPES:READ', resource: '' }],
    [{ type: 'PIPES:READ', resource: ['kpis'] }],
    // A restriction where it cannot hold, or under a name that is not quite the right one, would be lost.
    [{ type: 'PIPES:READ', resource: 'kpis', filter: 'a = 1' }],
    [{ type: 'PIPES:READ', resource: 'kpis', fixedParams: { tenant: 'a' } }],
    [{ type: 'PIPES:READ', resource: 'kpis', fixed_params: 'tenant=a' }],
    [{ type: 'PIPES:READ', resource: 'kpis', fixed_params: [{ tenant: 'a' }] }],
    [{ type: 'PIPES:READ', resource: 'kpis', fixed_params: { tenant: null } }],
    [{ type: 'DATASOURCES:READ', resource: 'events', fixed_params: { tenant: 'a' } }],
    [{ type: 'DATASOURCES:READ', resource: 'events', filter: '' }],
    [{ type: 'DATASOURCES:READ', resource: 'events', filter: ['a = 1'] }],
    [{ type: 'DATASOURCES:READ', resource: 'events', filters: 'a = 1' }],
    [{ type: 'DATASOURCES:APPEND', resource: 'events', filter: 'a = 1' }],
  ])('%j is refused with the whole token', (scope) => {
    expect(readJwtScopes([...scopes, scope]).problem).not.toBeNull()
  })

  test('are at most 100', () => {
    const many = (count: number): unknown => Array.from({ length: count }, () => scopes[0])
    expect(readJwtScopes(many(100)).problem).toBeNull()
    expect(readJwtScopes(many(101)).problem).not.toBeNull()
  })

  test('whatever is sent: what is taken is narrowed by exactly what was written', () => {
    const any = fc.record(
      {
        type: fc.constantFrom('PIPES:READ', 'DATASOURCES:READ', 'DATASOURCES:APPEND', 'ADMIN'),
        resource: fc.constantFrom('kpis', '', '__proto__'),
        fixed_params: fc.oneof(fc.constant(null), fc.dictionary(fc.string(), fc.jsonValue())),
        filter: fc.oneof(fc.constant(null), fc.string(), fc.jsonValue()),
      },
      { requiredKeys: ['type', 'resource'] },
    )
    fc.assert(
      fc.property(any, (scope) => {
        const [read] = readJwtScopes([scope]).scopes ?? []
        if (read === undefined) return
        expect(read.filter).toBe(scope.filter ?? null)
        const fixed = Object.entries(scope.fixed_params ?? {})
        expect(Object.entries(read.fixedParams ?? {})).toEqual(fixed)
      }),
      { numRuns: 500 },
    )
  })
})

describe('time', () => {
  const times = (notBefore: number | null, lifetime: number | null, nowMs: number): string =>
    refusalOf(() => {
      checkJwtTimes({ expiresAt: 1_000, notBefore }, nowMs, lifetime)
    })

  test('ends with exp, to the millisecond and without grace', () => {
    expect(times(null, null, 999_999)).toBe('taken')
    expect(times(null, null, 1_000_000)).toBe('The token has expired.')
    expect(times(null, null, 9e15)).toBe('The token has expired.')
  })

  test('begins with nbf, of which the other clock may be wrong by at most 60 s', () => {
    expect(times(160, null, 100_000)).toBe('taken')
    expect(times(161, null, 100_000)).toBe('Invalid token: it is not valid yet.')
  })

  test('is no longer than the workspace allows', () => {
    expect(times(null, 300, 640_000)).toBe('taken')
    expect(times(null, 300, 639_000)).toContain('expires later than the 300 s')
  })
})

describe('the head of a JWT', () => {
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url')
  const jwt = (header: unknown, payload: unknown = good): string =>
    `${encode(header)}.${encode(payload)}.c2ln`

  test('names algorithm, key and workspace', () => {
    expect(readJwtHead(jwt({ alg: 'ES256', kid: '../../etc/passwd' }))).toEqual({
      ...{ algorithm: 'ES256', keyId: '../../etc/passwd', workspaceId: WORKSPACE },
    })
    const upper = jwt({ alg: 'HS256' }, { ...good, workspace_id: WORKSPACE.toUpperCase() })
    expect(readJwtHead(upper)).toMatchObject({ keyId: null, workspaceId: WORKSPACE })
  })

  test.each([
    ...['none', 'None', 'NONE', 'hs256', ' HS256', 'HS384', 'PS256', '', null, 7, ['HS256']].map(
      (alg) => jwt({ alg }),
    ),
    jwt({}),
    jwt([]),
    jwt('HS256'),
    jwt({ alg: 'HS256', crit: ['exp'] }),
    jwt({ alg: 'HS256', b64: false }),
    jwt({ alg: 'ES256', kid: 7 }),
    jwt({ alg: 'ES256', kid: 'x'.repeat(257) }),
    jwt({ alg: 'HS256' }, {}),
    jwt({ alg: 'HS256' }, { workspace_id: "' OR 1=1 --" }),
    jwt({ alg: 'HS256' }, JSON.parse(`{"__proto__":{"workspace_id":"${WORKSPACE}"}}`)),
    `${jwt({ alg: 'HS256' })}.more`,
    `!!.!!.`,
    `${'a'.repeat(9_000)}.b.c`,
  ])('that no key of ours can have signed is none: %s', (text) => {
    expect(readJwtHead(text)).toBeNull()
  })
})
