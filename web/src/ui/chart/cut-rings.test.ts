import { expect, test } from 'vitest'

import { cutRing, type Ring } from './cut-rings.ts'

test('a ring that crosses nothing stays as it is', () => {
  const ring: Ring = [
    [10, 0],
    [20, 0],
    [20, 10],
    [10, 0],
  ]
  expect(cutRing(ring)).toEqual([ring])
})

test('a ring over the line of 180 degrees becomes two, each closed and on its own side', () => {
  const ring: Ring = [
    [170, 0],
    [-170, 0],
    [-170, 10],
    [170, 10],
    [170, 0],
  ]
  const parts = cutRing(ring)
  expect(parts).toHaveLength(2)
  const [east, west] = [...parts].sort((a, b) => (b[0]?.[0] ?? 0) - (a[0]?.[0] ?? 0))
  expect(new Set(east?.map(([lon]) => lon))).toEqual(new Set([170, 180]))
  expect(new Set(west?.map(([lon]) => lon))).toEqual(new Set([-180, -170]))
  for (const part of parts) expect(part.at(-1)).toEqual(part[0])
})
