import type { Dashboard } from '@sandpiper/contracts'
import type { CSSProperties } from 'react'

import { GAP_PX, ROW_PX, tileHeightPx } from '../layout.ts'
import type { Chosen } from '../tile-call.ts'
import { TileView } from './tile-view.tsx'

/** The tiles to read: on twelve columns, or below each other on a phone. */
export function DashboardTiles({ dashboard, chosen }: { dashboard: Dashboard; chosen: Chosen }) {
  const tiles = [...dashboard.tiles].sort(
    (a, b) => a.layout.y - b.layout.y || a.layout.x - b.layout.x,
  )
  return (
    <div
      className="flex flex-col md:grid md:grid-cols-12"
      style={{ gap: GAP_PX, gridAutoRows: ROW_PX }}
    >
      {tiles.map((tile) => (
        <div
          key={tile.id}
          className="min-w-0 md:[grid-area:var(--place)]"
          style={placeOf(tile.layout)}
        >
          <TileView tile={tile} about={dashboard} chosen={chosen} />
        </div>
      ))}
    </div>
  )
}

function placeOf({ x, y, w, h }: Dashboard['tiles'][number]['layout']): CSSProperties {
  const place = `${y + 1} / ${x + 1} / span ${h} / span ${w}`
  return { '--place': place, height: tileHeightPx(h) } as CSSProperties
}
