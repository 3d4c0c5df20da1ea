import { expect, test } from 'vitest'

import { createLru } from './lru.ts'

test('what was used longest ago goes first, and no more is kept than allowed', () => {
  const lru = createLru<number>(2)
  lru.set('a', 1)
  lru.set('b', 2)
  expect(lru.get('a')).toBe(1)
  lru.set('c', 3)
  expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([1, undefined, 3])
})
