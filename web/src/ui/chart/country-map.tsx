import { lazy, Suspense } from 'react'

import type { CountryMapProps } from './map-props.ts'

const Loaded = lazy(async () => ({ default: (await import('./world-map.tsx')).WorldMap }))

/** Values by country. The map is the server's own file, in a chunk that only this loads: nothing is asked of anybody else. */
export function CountryMap(props: CountryMapProps) {
  return (
    <Suspense
      fallback={
        <div style={{ height: props.heightPx }} className="animate-pulse rounded bg-raised" />
      }
    >
      <Loaded {...props} />
    </Suspense>
  )
}
