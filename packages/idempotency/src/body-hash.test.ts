import { expect, test } from 'vitest'
import { bodyHash } from './body-hash.ts'

test('tells bodies and the borders between parts apart, and is the same for the same parts', async () => {
  const hashes = await Promise.all(
    [['a', 'bc'], ['ab', 'c'], ['abc'], [Buffer.from('a'), 'bc']].map((parts) => bodyHash(parts)),
  )
  expect(new Set(hashes).size).toBe(3)
  expect(hashes[0]).toBe(hashes[3])
  expect(await bodyHash(['a', [Buffer.from('b'), Buffer.from('c')]])).toBe(hashes[0])
  expect(hashes[0]).toMatch(/^[0-9a-f]{32}$/)
})

test('a body of many slices differs by its last byte', async () => {
  const large = Buffer.alloc(9 * 1024 * 1024, 'x')
  const before = await bodyHash([large])
  large[large.length - 1] = 0
  expect(await bodyHash([large])).not.toBe(before)
})
