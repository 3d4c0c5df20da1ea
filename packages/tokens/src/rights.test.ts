import { describe, expect, test } from 'vitest'

import type { Principal, Scope, ScopeType } from './principal.ts'
import {
  fixedParamsFor,
  isAdmin,
  isServerAdmin,
  mayAppend,
  mayDrop,
  mayGrant,
  mayManageTokens,
  mayRead,
  mayReadDataSource,
  mayReadEveryRow,
  mayReadPipe,
  mayReplay,
  resourceDenied,
} from './rights.ts'

const EVENTS = `t_${'1'.repeat(32)}`
const OTHER = `t_${'2'.repeat(32)}`

const ALL: readonly ScopeType[] = [
  'ADMIN',
  'ADMIN_USER',
  'TOKENS',
  'DATASOURCES:CREATE',
  'DATASOURCES:APPEND',
  'DATASOURCES:DROP',
  'DATASOURCES:READ',
  'PIPES:CREATE',
  'PIPES:DROP',
  'PIPES:READ',
  'WORKSPACE:READ_ALL',
  'ORG_DATASOURCES:READ',
]
const WITH_RESOURCE = new Set<ScopeType>([
  'DATASOURCES:APPEND',
  'DATASOURCES:DROP',
  'DATASOURCES:READ',
  'PIPES:DROP',
  'PIPES:READ',
])

function scope(type: ScopeType, changes: Partial<Scope> = {}): Scope {
  return {
    type,
    resource: WITH_RESOURCE.has(type) ? EVENTS : null,
    filter: null,
    fixedParams: null,
    ...changes,
  }
}

function principal(scopes: readonly Scope[], kind: Principal['kind'] = 'static'): Principal {
  return { workspaceId: 'w', tokenId: 't', tokenName: 'n', kind, scopes }
}

/** The scope types that alone give a right, for a static token and for a JWT. */
function givenBy(right: (caller: Principal) => boolean): { static: ScopeType[]; jwt: ScopeType[] } {
  const of = (kind: Principal['kind']): ScopeType[] =>
    ALL.filter((type) => right(principal([scope(type)], kind)))
  return { static: of('static'), jwt: of('jwt') }
}

describe('each right is given by exactly these scopes', () => {
  test.each<[string, (caller: Principal) => boolean, ScopeType[], ScopeType[]]>([
    ['isAdmin', isAdmin, ['ADMIN', 'ADMIN_USER'], []],
    ['isServerAdmin', isServerAdmin, ['ADMIN_USER'], []],
    ['mayManageTokens', mayManageTokens, ['ADMIN', 'ADMIN_USER', 'TOKENS'], []],
    [
      'mayRead',
      mayRead,
      ['ADMIN', 'ADMIN_USER', 'DATASOURCES:READ', 'PIPES:READ', 'WORKSPACE:READ_ALL'],
      ['DATASOURCES:READ', 'PIPES:READ'],
    ],
    [
      'mayReadPipe',
      (p) => mayReadPipe(p, EVENTS),
      ['ADMIN', 'ADMIN_USER', 'PIPES:READ', 'WORKSPACE:READ_ALL'],
      ['PIPES:READ'],
    ],
    [
      'mayReadDataSource',
      (p) => mayReadDataSource(p, EVENTS).allowed,
      ['ADMIN', 'ADMIN_USER', 'DATASOURCES:READ', 'WORKSPACE:READ_ALL'],
      ['DATASOURCES:READ'],
    ],
    [
      'mayReadEveryRow',
      (p) => mayReadEveryRow(p, EVENTS),
      ['ADMIN', 'ADMIN_USER', 'DATASOURCES:READ', 'WORKSPACE:READ_ALL'],
      ['DATASOURCES:READ'],
    ],
    // For others it takes two.
    ['mayReplay', (p) => mayReplay(p, EVENTS), ['ADMIN', 'ADMIN_USER'], []],
    [
      'mayAppend',
      (p) => mayAppend(p, EVENTS),
      ['ADMIN', 'ADMIN_USER', 'DATASOURCES:CREATE', 'DATASOURCES:APPEND'],
      ['DATASOURCES:APPEND'],
    ],
    ['mayDrop', (p) => mayDrop(p, EVENTS), ['ADMIN', 'ADMIN_USER', 'DATASOURCES:DROP'], []],
  ])('%s', (_name, right, byStatic, byJwt) => {
    const { static: actualStatic, jwt } = givenBy(right)
    expect([...actualStatic].sort()).toEqual([...byStatic].sort())
    expect(jwt).toEqual(byJwt)
  })

  test('a replay needs to read every row and to append; a filter is not every row', () => {
    const append = scope('DATASOURCES:APPEND')
    const filtered = scope('DATASOURCES:READ', { filter: 'n = 1' })
    for (const kind of ['static', 'jwt'] as const) {
      const may = (...scopes: Scope[]): boolean => mayReplay(principal(scopes, kind), EVENTS)
      expect(may(append, scope('DATASOURCES:READ'))).toBe(true)
      expect(may(append, filtered)).toBe(false)
      expect(may(append, scope('DATASOURCES:READ', { resource: OTHER }))).toBe(false)
    }
    expect(mayReadEveryRow(principal([filtered]), EVENTS)).toBe(false)
  })

  test('a scope on one resource says nothing about another, nor about a name', () => {
    const all = principal([...WITH_RESOURCE].map((type) => scope(type)))
    for (const id of [OTHER, 'events', '', EVENTS.toUpperCase()]) {
      expect([
        mayReadPipe(all, id),
        mayReadDataSource(all, id).allowed,
        mayAppend(all, id),
        mayDrop(all, id),
      ]).toEqual([false, false, false, false])
    }
  })

  test('a scope whose resource is missing gives nothing', () => {
    const broken = principal([...WITH_RESOURCE].map((type) => scope(type, { resource: null })))
    expect([
      mayReadPipe(broken, EVENTS),
      mayReadDataSource(broken, EVENTS).allowed,
      mayAppend(broken, EVENTS),
    ]).toEqual([false, false, false])
    expect(mayAppend(broken, null)).toBe(false)
  })

  test('without scopes nothing is allowed', () => {
    expect(givenBy((p) => mayReadPipe({ ...p, scopes: [] }, EVENTS))).toEqual({
      static: [],
      jwt: [],
    })
  })
})

describe('row filters', () => {
  test('add up with OR, each in its own parentheses', () => {
    const caller = principal([
      scope('DATASOURCES:READ', { filter: 'a = 1 AND b' }),
      scope('DATASOURCES:READ', { filter: 'c OR d' }),
    ])
    expect(mayReadDataSource(caller, EVENTS)).toEqual({
      allowed: true,
      filter: '(a = 1 AND b) OR (c OR d)',
    })
  })

  test('one scope without a filter shows every row; a filter on another data source shows none', () => {
    const both = principal([scope('DATASOURCES:READ', { filter: 'a' }), scope('DATASOURCES:READ')])
    expect(mayReadDataSource(both, EVENTS)).toEqual({ allowed: true, filter: null })
    const other = principal([scope('DATASOURCES:READ', { filter: 'a', resource: OTHER })])
    expect(mayReadDataSource(other, EVENTS)).toEqual({ allowed: false })
  })

  test('the empty filter is a filter, not "every row"', () => {
    const caller = principal([scope('DATASOURCES:READ', { filter: '' })])
    expect(mayReadDataSource(caller, EVENTS)).toEqual({ allowed: true, filter: '()' })
  })
})

describe('fixed parameters', () => {
  test('are those of the scopes on that pipe, and cannot reach a prototype', () => {
    const fixedParams = JSON.parse('{"tenant":"a","__proto__":{"polluted":true}}') as Record<
      string,
      unknown
    >
    const caller = principal([
      scope('PIPES:READ', { fixedParams }),
      scope('PIPES:READ', { fixedParams: { tenant: 'b' }, resource: OTHER }),
    ])
    const fixed = fixedParamsFor(caller, EVENTS)
    expect(fixed['tenant']).toBe('a')
    expect(fixed['polluted']).toBeUndefined()
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(Object.keys(fixedParamsFor(caller, 'x'))).toEqual([])
  })
})

describe('granting', () => {
  const grants = (holder: ScopeType, granted: readonly ScopeType[]): boolean =>
    mayGrant(
      principal([scope(holder)]),
      granted.map((type) => scope(type)),
    )

  test('only the server ruler grants ADMIN_USER, only admins grant ADMIN, TOKENS grants the rest', () => {
    const rest = ALL.filter((type) => type !== 'ADMIN' && type !== 'ADMIN_USER')
    expect(grants('ADMIN_USER', ALL)).toBe(true)
    expect(grants('ADMIN', ['ADMIN', ...rest])).toBe(true)
    expect(grants('ADMIN', [...rest, 'ADMIN_USER'])).toBe(false)
    expect(grants('TOKENS', rest)).toBe(true)
    expect(grants('TOKENS', [...rest, 'ADMIN'])).toBe(false)
    expect(grants('TOKENS', ['ADMIN_USER'])).toBe(false)
  })

  test('whoever manages no tokens grants nothing, not even nothing', () => {
    for (const holder of ALL.filter((type) => !['ADMIN', 'ADMIN_USER', 'TOKENS'].includes(type))) {
      expect(grants(holder, []), holder).toBe(false)
    }
    expect(mayGrant(principal([scope('ADMIN')], 'jwt'), [])).toBe(false)
  })
})

test('the refusal of a resource says the name that was asked for and nothing else', () => {
  expect(resourceDenied('events')).toMatchObject({
    code: 'auth.denied',
    status: 403,
    message: "Resource 'events' not found",
  })
})
