import { lazy, Suspense } from 'react'

import type { ChartProps } from './chart-props.ts'

export type { ChartProps } from './chart-props.ts'

const Loaded = lazy(async () => ({ default: (await import('./echart.tsx')).EChart }))

/** Numbers as a picture. The library comes as a chunk of its own; who cannot see the picture gets its numbers as a table. */
export function Chart(props: ChartProps) {
  return (
    <div style={{ height: props.heightPx ?? 240 }} className="relative w-full min-w-0">
      <Suspense fallback={<div className="size-full animate-pulse rounded bg-raised" />}>
        <Loaded {...props} />
      </Suspense>
    </div>
  )
}
