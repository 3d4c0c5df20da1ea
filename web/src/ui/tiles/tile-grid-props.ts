import type { ReactNode } from 'react'

interface TileBox {
  id: string
  x: number
  y: number
  w: number
  h: number
}

export interface TileGridProps {
  tiles: readonly (TileBox & { content: ReactNode })[]
  columns: number
  rowPx: number
  gapPx: number
  /** Class of what a tile is dragged by. */
  handleClass: string
  /** Called when somebody let go. */
  onLayout: (boxes: readonly TileBox[]) => void
}
