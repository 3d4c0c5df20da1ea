import clsx from 'clsx'
import {
  ChartColumn,
  Braces,
  Copy,
  Database,
  Layers,
  type LucideIcon,
  Radio,
  ScrollText,
  Workflow,
} from 'lucide-react'

import { Graph } from '@/ui/graph/graph.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'

import { edgeLabel, edgeTone, nodeNote, nodeTone } from '../figures.ts'
import { type Kind, KINDS, type LineageGraph, type LineageNode } from '../lineage-graph.ts'

const ICONS: Readonly<Record<Kind, LucideIcon>> = {
  source: Radio,
  'data source': Database,
  service: ScrollText,
  pipe: Workflow,
  materialization: Layers,
  copy: Copy,
  endpoint: Braces,
  dashboard: ChartColumn,
}

/** The first node that a search finds comes into the middle; the others pale. */
export function LineagePicture({
  graph,
  search,
  focus,
}: {
  graph: LineageGraph
  search: string
  focus: string
}) {
  const found = (node: LineageNode): boolean =>
    search === '' || node.name.toLowerCase().includes(search)
  const first = search === '' ? undefined : graph.nodes.find(found)?.id
  return (
    <div className="overflow-hidden rounded-lg border border-line">
      <Graph
        label="Lineage"
        heightPx={620}
        nodeWidthPx={210}
        nodeHeightPx={54}
        focus={first ?? (focus === '' ? undefined : focus)}
        nodes={graph.nodes.map((node) => ({
          id: node.id,
          content: <NodeCard node={node} isFound={found(node)} isFocus={node.id === focus} />,
        }))}
        edges={graph.edges.map((edge) => ({
          from: edge.from,
          to: edge.to,
          label: edgeLabel(edge),
          tone: edgeTone(edge),
        }))}
      />
    </div>
  )
}

const BORDERS = {
  plain: 'border-line',
  good: 'border-good',
  warn: 'border-warn',
  bad: 'border-bad',
}

function NodeCard({
  node,
  isFound,
  isFocus,
}: {
  node: LineageNode
  isFound: boolean
  isFocus: boolean
}) {
  const Icon = ICONS[node.kind]
  const tone = nodeTone(node)
  return (
    <div
      className={clsx(
        'flex size-full items-center gap-2 rounded-md border bg-surface px-2 text-xs',
        BORDERS[tone],
        isFocus && 'ring-2 ring-accent',
        !isFound && 'opacity-30',
      )}
    >
      <Icon size={16} aria-hidden className="shrink-0 text-muted" />
      <div className="min-w-0 flex-1">
        {node.path === undefined ? (
          <span className="block truncate font-medium">{node.name}</span>
        ) : (
          <PlaceLink
            to={node.path}
            label={`${KINDS[node.kind]} ${node.name}`}
            className="nopan block truncate font-medium text-ink hover:underline"
          >
            {node.name}
          </PlaceLink>
        )}
        <span className={clsx('block truncate', tone === 'bad' ? 'text-bad' : 'text-muted')}>
          {nodeNote(node)}
        </span>
      </div>
    </div>
  )
}
