import { graphlib, layout } from '@dagrejs/dagre'

import type { GraphEdge } from './graph-props.ts'

export interface Point {
  x: number
  y: number
}

/** With more, finding the shortest arrows takes seconds. */
const FINE_MAX = 150

/** The top left corner of each node. */
export function placeNodes(
  ids: readonly string[],
  edges: readonly GraphEdge[],
  size: { width: number; height: number },
): ReadonlyMap<string, Point> {
  const graph = new graphlib.Graph()
  const ranker = ids.length > FINE_MAX ? 'longest-path' : 'network-simplex'
  graph.setGraph({ rankdir: 'LR', ranksep: 90, nodesep: 18, ranker })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const id of ids) graph.setNode(id, { ...size })
  for (const { from, to } of edges) graph.setEdge(from, to)
  layout(graph)
  return new Map(
    ids.map((id) => {
      const { x, y } = graph.node(id) as Point
      return [id, { x: x - size.width / 2, y: y - size.height / 2 }]
    }),
  )
}
