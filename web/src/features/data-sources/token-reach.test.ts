import type { ScopeBody, TokenBody } from '@sandpiper/contracts'
import { expect, test } from 'vitest'

import { appendTokens, tokensThatReach } from './token-reach.ts'

const token = (name: string, scopes: ScopeBody[], value?: string): TokenBody => ({
  ...{ id: name, name, description: '', scopes, origin: { type: 'C' as const } },
  ...{ host: 'local', is_internal: false, created_at: '' },
  ...(value === undefined ? {} : { token: value }),
})

test('tokens reach a data source by their own scopes and by pipes that read it', () => {
  const tokens = [
    token('admin', [{ type: 'ADMIN' }]),
    token('reader', [{ type: 'DATASOURCES:READ', resource: 'orders', filter: "shop = 'a'" }]),
    token('other', [{ type: 'DATASOURCES:READ', resource: 'users' }]),
    token('page', [{ type: 'PIPES:READ', resource: 'top' }]),
    token('elsewhere', [{ type: 'PIPES:READ', resource: 'unrelated' }]),
  ]
  expect(
    tokensThatReach('orders', tokens, [{ name: 'top' }]).map(({ token: each, ways }) => [
      each.name,
      ways.map(({ text }) => text),
      ways[0]?.filter,
    ]),
  ).toEqual([
    ['admin', ['everything'], undefined],
    ['reader', ['reads'], "shop = 'a'"],
    ['page', ['reads by the pipe top'], undefined],
  ])
})

test('snippets get the narrowest append token, never an administrator and none that is hidden', () => {
  const append: ScopeBody = { type: 'DATASOURCES:APPEND', resource: 'orders' }
  const wide = token('wide', [append, { type: 'DATASOURCES:CREATE' }], 'p.wide')
  const narrow = token('narrow', [append], 'p.narrow')
  expect(appendTokens('orders', [wide, narrow]).map((each) => each.name)).toEqual([
    'narrow',
    'wide',
  ])
  expect(appendTokens('orders', [token('hidden', [append])])).toEqual([])
  expect(appendTokens('orders', [token('a', [append, { type: 'ADMIN' }], 'p.a')])).toEqual([])
  expect(appendTokens('users', [narrow])).toEqual([])
})
