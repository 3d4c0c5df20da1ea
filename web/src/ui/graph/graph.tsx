import { lazy, Suspense } from 'react'

import { Loading } from '../states.tsx'
import type { GraphProps } from './graph-props.ts'

const Loaded = lazy(async () => ({ default: (await import('./flow-graph.tsx')).FlowGraph }))

/** Nodes and arrows from left to right. The library comes as a chunk of its own; offer a table beside it. */
export function Graph(props: GraphProps) {
  return (
    <div style={{ height: props.heightPx }} className="min-w-0">
      <Suspense fallback={<Loading label="Drawing" />}>
        <Loaded {...props} />
      </Suspense>
    </div>
  )
}
