import type { Dashboard, Tile } from '@sandpiper/contracts'
import clsx from 'clsx'
import type { ReactNode } from 'react'

import { ResultChart } from '@/ui/chart/result-chart.tsx'
import { Loading, messageOf } from '@/ui/states.tsx'

import { useTileRows } from '../api/get-tile-rows.ts'
import { tileHeightPx } from '../layout.ts'
import type { Chosen } from '../tile-call.ts'

const HEAD_PX = 40
const PAD_PX = 24

export interface TileViewProps {
  tile: Tile
  about: Pick<Dashboard, 'time_parameters' | 'parameters' | 'refresh_seconds'>
  chosen: Chosen
  /** Buttons at the right of its title. */
  actions?: ReactNode
  /** Set on the title where the tile can be dragged by it. */
  handleClass?: string
}

export function TileView({ tile, about, chosen, actions, handleClass }: TileViewProps) {
  const rows = useTileRows({ tile, about, chosen })
  const { title, description, chart, layout } = tile
  return (
    <section
      aria-label={title}
      className="flex h-full min-w-0 flex-col overflow-hidden rounded-lg border border-line bg-surface"
    >
      <header
        className="flex items-center gap-1 border-b border-line pr-1"
        style={{ height: HEAD_PX }}
      >
        <h2
          title={description}
          className={clsx(
            'min-w-0 flex-1 truncate px-3 py-2 text-sm font-semibold',
            handleClass,
            handleClass !== undefined && 'cursor-move',
          )}
        >
          {title}
        </h2>
        {actions}
      </header>
      <div className={clsx('min-h-0 flex-1 overflow-auto p-3', rows.isFetching && 'opacity-80')}>
        {rows.isError ? (
          <p role="alert" tabIndex={0} className="font-mono text-xs break-words text-bad">
            {messageOf(rows.error)}
          </p>
        ) : rows.data === undefined ? (
          <Loading label={`Loading ${title}`} rows={2} />
        ) : (
          <ResultChart
            label={title}
            result={rows.data}
            chart={chart}
            heightPx={Math.max(60, tileHeightPx(layout.h) - HEAD_PX - PAD_PX - 2)}
          />
        )}
      </div>
    </section>
  )
}
