import {
  Background,
  Controls,
  type Edge,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { type ReactNode, useEffect, useMemo, useState } from 'react'

import './graph.css'
import { placeNodes, type Point } from './graph-layout.ts'
import type { GraphEdge, GraphProps } from './graph-props.ts'

type ContentNode = Node<{ content: ReactNode }, 'content'>

const NODE_TYPES = { content: ContentNodeView }

/** A graph of hundreds begins at its middle, at a size that can be read; what is out of sight is not in the document. */
const FIT = { padding: 0.08, minZoom: 0.4, maxZoom: 1 }

export function FlowGraph(props: GraphProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  )
}

function Flow({
  label,
  nodes,
  edges,
  nodeWidthPx: width,
  nodeHeightPx: height,
  focus,
}: GraphProps) {
  const shape = useShape(
    nodes.map(({ id }) => id),
    edges,
  )
  const places = useMemo(
    () => placeNodes(shape.ids, shape.edges, { width, height }),
    [shape, width, height],
  )
  const [isReady, setReady] = useState(false)
  useFocus(isReady, focus, places, { width, height })
  return (
    <ReactFlow<ContentNode>
      aria-label={label}
      nodeTypes={NODE_TYPES}
      nodes={nodes.map(({ id, content }) => ({
        id,
        type: 'content',
        position: places.get(id) ?? { x: 0, y: 0 },
        data: { content },
        width,
        height,
      }))}
      edges={edges.map(toEdge)}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      onlyRenderVisibleElements
      minZoom={0.05}
      onInit={() => setReady(true)}
    >
      <Background />
      <Controls showInteractive={false} />
    </ReactFlow>
  )
}

/** The same object as long as nodes and edges are the same ones: figures come every few seconds, and lay nothing out anew. */
function useShape(ids: readonly string[], edges: readonly GraphEdge[]) {
  const text = JSON.stringify([ids, edges.map(({ from, to }) => [from, to])])
  return useMemo(() => {
    const [names, ends] = JSON.parse(text) as [string[], [string, string][]]
    return { ids: names, edges: ends.map(([from, to]) => ({ from, to })) }
  }, [text])
}

/** Before the library is ready it moves nowhere, and its own first fit would come after. */
function useFocus(
  isReady: boolean,
  focus: string | undefined,
  places: ReadonlyMap<string, Point>,
  { width, height }: { width: number; height: number },
): void {
  const flow = useReactFlow()
  useEffect(() => {
    if (!isReady) return
    const place = focus === undefined ? undefined : places.get(focus)
    if (place === undefined) void flow.fitView(FIT)
    else void flow.setCenter(place.x + width / 2, place.y + height / 2, { zoom: 1 })
  }, [isReady, flow, focus, places, width, height])
}

function toEdge({ from, to, label, tone = 'plain' }: GraphEdge): Edge {
  const colour = { plain: 'var(--muted)', warn: 'var(--warn)', bad: 'var(--bad)' }[tone]
  return {
    id: JSON.stringify([from, to]),
    source: from,
    target: to,
    ...(label === undefined ? {} : { label }),
    style: { stroke: colour, strokeWidth: tone === 'plain' ? 1 : 2 },
    markerEnd: { type: MarkerType.ArrowClosed, color: colour },
  }
}

function ContentNodeView({ data }: NodeProps<ContentNode>) {
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      {/* The library takes the pointer from nodes that cannot be dragged or selected; their links need it. */}
      <div className="pointer-events-auto size-full">{data.content}</div>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </>
  )
}
