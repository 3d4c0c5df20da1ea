import type { PipeFile } from '@sandpiper/datafile'
import { expect, test } from 'vitest'

import { keepOf } from './keep-of.ts'

type Asked = Parameters<typeof keepOf>[0]

function seconds(
  cache: string | null,
  cacheTtlSeconds: number | null,
  options: Partial<Asked['options']> = {},
): number | null {
  const node = { name: 'n', sql: 'SELECT 1', description: null }
  const settings: Record<string, string> = cache === null ? {} : { CACHE: cache }
  const file: PipeFile = {
    kind: 'pipe',
    ...{ name: 'x', description: null, tokens: [], tags: null, settings: {} },
    nodes: [
      { ...node, name: 'first', type: 'standard', settings: { CACHE: '1' } },
      { ...node, type: 'endpoint', settings },
    ],
  }
  const at = '2026-11-21T00:00:00.000Z'
  const keep = keepOf({
    pipe: { id: 't_1', nodeIds: [], view: null, createdAt: at, updatedAt: at, file },
    compiled: { cacheTtlSeconds },
    options: { q: null, deployment: 'live', ...options },
    ...{ fixedParams: {}, deployment: 7 },
  })
  return keep?.ttlSeconds ?? null
}

test.each([
  [null, null, null],
  ['60', null, 60],
  [null, 300, 300],
  ['60', 300, 60],
  ['60', 5, 5],
  ['0', 300, null],
  ['999999999', null, 86_400],
])('CACHE %s and cache_ttl %s keep for %s seconds', (cache, ttl, kept) => {
  expect(seconds(cache, ttl)).toBe(kept)
})

test('SQL of the caller, and deployments that are not live, are never kept', () => {
  expect(seconds('60', 60, { q: 'SELECT 1 FROM _' })).toBeNull()
  expect(seconds('60', 60, { deployment: 'staging' })).toBeNull()
  expect(seconds('60', 60, { deployment: 7 })).toBeNull()
})
