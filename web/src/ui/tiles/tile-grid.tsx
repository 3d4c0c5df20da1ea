import { lazy, Suspense } from 'react'

import { Loading } from '../states.tsx'
import type { TileGridProps } from './tile-grid-props.ts'

const Loaded = lazy(async () => ({ default: (await import('./draggable-grid.tsx')).DraggableGrid }))

/** Tiles that can be dragged and stretched. The library comes as a chunk of its own; who only reads never loads it. */
export function TileGrid(props: TileGridProps) {
  return (
    <Suspense fallback={<Loading />}>
      <Loaded {...props} />
    </Suspense>
  )
}
