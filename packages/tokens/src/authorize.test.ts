import { Fault } from '@sandpiper/faults'
import { describe, expect, test } from 'vitest'

import { authorize, tokenFromRequest, type StoredToken } from './authorize.ts'
import { parseTokenValue, printTokenValue, tokenKind } from './token-value.ts'

const stored: StoredToken = {
  id: 'b9d1c2f0-0000-4000-8000-000000000001',
  workspaceId: 'b9d1c2f0-0000-4000-8000-000000000002',
  name: 'reader',
  scopes: [{ type: 'TOKENS', resource: null, filter: null, fixedParams: null }],
}
const secret = new Uint8Array(32).fill(7)
const value = printTokenValue({ u: stored.workspaceId, id: stored.id, host: 'local' }, secret)

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const err: unknown = await promise.catch((cause: unknown) => cause)
  if (err instanceof Fault) return err
  throw new Error(`no fault: ${String(err)}`)
}

describe('authorize', () => {
  test('takes everything from the stored record and nothing from the payload', async () => {
    const forged = printTokenValue({ u: 'somebody else', id: 'another', host: 'x' }, secret)
    const principal = await authorize(forged, () => Promise.resolve(stored))
    expect(principal).toEqual({
      workspaceId: stored.workspaceId,
      tokenId: stored.id,
      tokenName: 'reader',
      kind: 'static',
      scopes: stored.scopes,
    })
  })

  test('looks up the whole value, unchanged', async () => {
    const asked: string[] = []
    await authorize(value, (text) => {
      asked.push(text)
      return Promise.resolve(stored)
    })
    expect(asked).toEqual([value])
  })

  test('refuses an unknown token with 403', async () => {
    const refusal = await faultOf(authorize(value, () => Promise.resolve(null)))
    expect([refusal.code, refusal.status]).toEqual(['auth.denied', 403])
    expect(refusal.message).not.toContain(value)
  })

  test('tells a JWT by its text, with its limits, and refuses one nobody signed', async () => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln'
    const limits = { token: { rps: 5 }, workspace: {} }
    const principal = await authorize(jwt, () => Promise.resolve({ ...stored, limits }))
    expect([principal.kind, principal.limits]).toEqual(['jwt', limits])
    expect((await faultOf(authorize(jwt, () => Promise.resolve(null)))).code).toBe('auth.denied')
  })

  test.each([null, 'nonsense', 'p.x', 'a.b.c.d', 'a b.c.d', 'x'.repeat(10_000)])(
    'refuses %j without asking anybody',
    async (text) => {
      const refusal = await faultOf(
        authorize(text, () => {
          throw new Error('was asked')
        }),
      )
      expect(refusal.code).toBe('auth.denied')
    },
  )

  test('lets the failure of the lookup through: an outage is not an invalid token', async () => {
    await expect(authorize(value, () => Promise.reject(new Error('down')))).rejects.toThrow('down')
  })
})

describe('tokenFromRequest', () => {
  test.each([
    ['Bearer abc', undefined, 'abc'],
    ['bearer abc', undefined, 'abc'],
    ['BEARER   abc ', undefined, 'abc'],
    ['Bearer abc', 'query', 'abc'],
    ['Basic dTpw', 'query', 'query'],
    ['Basic dTpw', undefined, null],
    ['Bearer', 'query', 'query'],
    ['Bearer ', undefined, null],
    ['Bearer a b', undefined, null],
    ['abc', undefined, null],
    ['', '', null],
    [undefined, ' query ', 'query'],
    [undefined, '  ', null],
    [undefined, undefined, null],
  ])('of header %j and query %j is %j', (authorizationHeader, queryToken, expected) => {
    expect(tokenFromRequest({ authorizationHeader, queryToken })).toBe(expected)
  })
})

describe('the text of a token', () => {
  test('is p.<payload>.<43 characters> and reads back', () => {
    expect(value).toMatch(/^p\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/)
    expect(parseTokenValue(value)).toEqual({ u: stored.workspaceId, id: stored.id, host: 'local' })
    expect(tokenKind(value)).toBe('static')
  })

  test.each([
    '',
    'p',
    'p..',
    `p..${'a'.repeat(43)}`,
    `p.!!.${'a'.repeat(43)}`,
    `${value}x`,
    ` ${value}`,
    `${value}\n`,
    value.slice(1),
  ])('that is not one is no static token: %j', (text) => {
    expect(tokenKind(text)).not.toBe('static')
    expect(parseTokenValue(text)).toBeNull()
  })

  test.each([
    '[]',
    'null',
    '1',
    '{',
    '{"u":1,"id":"a","host":"b"}',
    '{"u":"a","id":"b"}',
    '{"__proto__":{"u":"a","id":"b","host":"c"}}',
  ])('with payload %s has none', (payload) => {
    expect(
      parseTokenValue(`p.${Buffer.from(payload).toString('base64url')}.${'a'.repeat(43)}`),
    ).toBeNull()
  })

  test('three base64url parts may be a JWT, more or less may not', () => {
    expect(tokenKind('eyJh.eyJi.c2ln')).toBe('jwt')
    expect(tokenKind('eyJh.eyJi.')).toBe('jwt')
    expect(tokenKind('eyJh.eyJi')).toBeNull()
    expect(tokenKind('eyJh.eyJi.c2ln.x')).toBeNull()
    expect(tokenKind('e y.b.c')).toBeNull()
  })
})
