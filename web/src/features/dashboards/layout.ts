// Tiles on twelve columns. They fall up until they meet another tile, so a layout has no holes that nobody made.
import type { Tile } from '@sandpiper/contracts'

export const COLUMNS = 12
/** What a tile measures, in pixels of the page. */
export const ROW_PX = 64
export const GAP_PX = 12

export type Box = Tile['layout']
type Placed = Pick<Tile, 'id' | 'layout'>

export function tileHeightPx(h: number): number {
  return h * ROW_PX + (h - 1) * GAP_PX
}

/** The same tiles, each as far up as it can go; the one that is named stays in front of those it meets. */
export function settle<T extends Placed>(tiles: readonly T[], first?: string): readonly T[] {
  const order = [...tiles].sort(
    (a, b) =>
      a.layout.y - b.layout.y ||
      Number(b.id === first) - Number(a.id === first) ||
      a.layout.x - b.layout.x,
  )
  const placed = new Map<string, Box>()
  for (const { id, layout } of order) {
    const isFree = (y: number): boolean =>
      ![...placed.values()].some((other) => overlaps({ ...layout, y }, other))
    let { y } = layout
    while (!isFree(y)) y += 1
    while (y > 0 && isFree(y - 1)) y -= 1
    placed.set(id, { ...layout, y })
  }
  return tiles.map((tile) => ({ ...tile, layout: placed.get(tile.id) ?? tile.layout }))
}

export type Move = 'left' | 'right' | 'up' | 'down' | 'wider' | 'narrower' | 'taller' | 'shorter'

/** For who has no mouse. */
export function moveTile<T extends Placed>(
  tiles: readonly T[],
  id: string,
  move: Move,
): readonly T[] {
  const moved = tiles.find((tile) => tile.id === id)
  if (moved === undefined) return tiles
  const layout = moveBox(moved.layout, move, tiles, id)
  return settle(
    tiles.map((tile) => (tile.id === id ? { ...tile, layout } : tile)),
    id,
  )
}

/** A free place below all others. */
export function placeBelow(tiles: readonly Placed[], w: number, h: number): Box {
  const y = Math.max(0, ...tiles.map(({ layout }) => layout.y + layout.h))
  return { x: 0, y, w, h }
}

function moveBox(box: Box, move: Move, tiles: readonly Placed[], id: string): Box {
  const { x, y, w, h } = box
  switch (move) {
    case 'left':
      return { ...box, x: Math.max(0, x - 1) }
    case 'right':
      return { ...box, x: Math.min(COLUMNS - w, x + 1) }
    case 'up':
      return { ...box, y: above(box, tiles, id) }
    case 'down':
      return { ...box, y: below(box, tiles, id) }
    case 'wider':
      return {
        ...box,
        w: Math.min(COLUMNS, w + 1),
        x: Math.min(x, COLUMNS - Math.min(COLUMNS, w + 1)),
      }
    case 'narrower':
      return { ...box, w: Math.max(1, w - 1) }
    case 'taller':
      return { ...box, h: Math.min(100, h + 1) }
    case 'shorter':
      return { ...box, h: Math.max(1, h - 1) }
    default:
      return { ...box, y }
  }
}

/** The row of the nearest tile over it. */
function above(box: Box, tiles: readonly Placed[], id: string): number {
  const rows = tiles.filter(
    (tile) => tile.id !== id && sharesColumns(box, tile.layout) && tile.layout.y < box.y,
  )
  return Math.max(0, ...rows.map(({ layout }) => layout.y))
}

/** Past the nearest tile under it. */
function below(box: Box, tiles: readonly Placed[], id: string): number {
  const rows = tiles.filter(
    (tile) => tile.id !== id && sharesColumns(box, tile.layout) && tile.layout.y >= box.y + box.h,
  )
  if (rows.length === 0) return box.y
  const [next] = rows.sort((a, b) => a.layout.y - b.layout.y)
  return next === undefined ? box.y : next.layout.y + next.layout.h
}

function sharesColumns(a: Box, b: Box): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w
}

function overlaps(a: Box, b: Box): boolean {
  return sharesColumns(a, b) && a.y < b.y + b.h && b.y < a.y + a.h
}
