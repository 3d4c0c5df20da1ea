import { expect, test } from 'vitest'

import { type Move, moveTile, placeBelow, settle } from './layout.ts'

const tile = (id: string, x: number, y: number, w: number, h: number) => ({
  id,
  layout: { x, y, w, h },
})
const places = (tiles: readonly ReturnType<typeof tile>[]): Record<string, string> =>
  Object.fromEntries(tiles.map(({ id, layout: { x, y, w, h } }) => [id, `${x},${y} ${w}x${h}`]))
const ROW = [tile('a', 0, 0, 6, 4), tile('b', 6, 0, 6, 4), tile('c', 0, 4, 12, 3)]

test('tiles fall up and never overlap', () => {
  expect(
    places(settle([tile('a', 0, 9, 6, 2), tile('b', 0, 20, 12, 2), tile('c', 6, 9, 6, 3)])),
  ).toEqual({
    a: '0,0 6x2',
    c: '6,0 6x3',
    b: '0,3 12x2',
  })
})

test('one that moves pushes what it meets, and stays on the grid', () => {
  expect(places(moveTile(ROW, 'c', 'up'))).toEqual({ c: '0,0 12x3', a: '0,3 6x4', b: '6,3 6x4' })
  expect(places(moveTile(ROW, 'a', 'down'))).toMatchObject({
    a: '0,7 6x4',
    b: '6,0 6x4',
    c: '0,4 12x3',
  })
  expect(places(moveTile(ROW, 'b', 'right'))).toMatchObject({ b: '6,0 6x4' })
  expect(places(moveTile(ROW, 'b', 'wider'))).toMatchObject({ b: '5,0 7x4', a: '0,4 6x4' })
  let tiles: readonly ReturnType<typeof tile>[] = ROW
  const moves: Move[] = ['narrower', 'shorter', 'left', 'up']
  for (let at = 0; at < 200; at += 1) tiles = moveTile(tiles, 'c', moves[at % 4] ?? 'up')
  expect(places(tiles)).toMatchObject({ c: '0,0 1x1' })
})

test('a new tile stands below all others', () => {
  expect(placeBelow(ROW, 4, 3)).toEqual({ x: 0, y: 7, w: 4, h: 3 })
  expect(placeBelow([], 4, 3)).toEqual({ x: 0, y: 0, w: 4, h: 3 })
})
