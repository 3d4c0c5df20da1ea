import type { Principal, Scope } from '@sandpiper/tokens'
import { expect, test } from 'vitest'

import { cacheKey, type CacheKeyParts } from './cache-key.ts'

const SCOPE: Scope = {
  type: 'PIPES:READ',
  resource: 't_1',
  filter: null,
  fixedParams: { org: 'a' },
}
const PRINCIPAL: Principal = {
  ...{ workspaceId: 'w1', tokenId: 'id 1', tokenName: 'one', kind: 'jwt', scopes: [SCOPE] },
}
const PARTS: CacheKeyParts = {
  principal: PRINCIPAL,
  deployment: 3,
  pipeId: 't_1',
  compiled: { sql: 'SELECT 1', params: { s: 'x' }, settings: { max_threads: 1 } },
  settings: { output_format_json_quote_denormals: 1 },
  fixedParams: { org: 'a' },
  limits: { timeoutSeconds: 10, resultBytesMax: 100 },
  format: 'JSON',
  switches: [],
}

const scoped = (...scopes: Scope[]): Partial<CacheKeyParts> => ({
  principal: { ...PRINCIPAL, scopes },
})

test.each<[string, Partial<CacheKeyParts>]>([
  ['workspace', { principal: { ...PRINCIPAL, workspaceId: 'w2' } }],
  ['kind of token', { principal: { ...PRINCIPAL, kind: 'static' } }],
  ['fixed parameter of the token', scoped({ ...SCOPE, fixedParams: { org: 'b' } })],
  ['type of a fixed parameter', scoped({ ...SCOPE, fixedParams: { org: ['a'] } })],
  ['filter', scoped({ ...SCOPE, filter: "org = 'a'" })],
  ['further right', scoped(SCOPE, { ...SCOPE, resource: 't_2' })],
  ['resource', scoped({ ...SCOPE, resource: 't_2' })],
  ['deployment', { deployment: 4 }],
  ['pipe', { pipeId: 't_2' }],
  ['SQL', { compiled: { ...PARTS.compiled, sql: 'SELECT 2' } }],
  ['bound value', { compiled: { ...PARTS.compiled, params: { s: 'y' } } }],
  ['setting of the template', { compiled: { ...PARTS.compiled, settings: {} } }],
  ['setting of the request', { settings: {} }],
  ['effective fixed parameter', { fixedParams: { org: 'b' } }],
  ['format', { format: 'CSVWithNames' }],
  ['limit', { limits: { timeoutSeconds: 10, resultBytesMax: 99 } }],
  ['switch', { switches: ['finalize'] }],
])('another %s is another key', (_, part) => {
  expect(cacheKey({ ...PARTS, ...part })).not.toBe(cacheKey(PARTS))
})

test('the same rights in another order, under another name of the token, are the same key', () => {
  const other = { ...SCOPE, resource: 't_2' }
  const one = cacheKey({ ...PARTS, ...scoped(SCOPE, other) })
  const principal = { ...PRINCIPAL, tokenId: 'id 2', tokenName: 'two', scopes: [other, SCOPE] }
  expect(cacheKey({ ...PARTS, principal })).toBe(one)
})
