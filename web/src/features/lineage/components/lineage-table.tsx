import { Badge, type Tone } from '@/ui/badge.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { SimpleTable } from '@/ui/simple-table.tsx'
import { Empty } from '@/ui/states.tsx'

import { nodeNote, nodeTone } from '../figures.ts'
import { KINDS, type LineageGraph, type LineageNode } from '../lineage-graph.ts'

/** The same as text: for keyboards, screen readers and phones. */
export function LineageTable({ graph, search }: { graph: LineageGraph; search: string }) {
  const names = new Map(graph.nodes.map((node) => [node.id, node]))
  const next = new Map<string, LineageNode[]>()
  const previous = new Map<string, LineageNode[]>()
  const note = (of: Map<string, LineageNode[]>, at: string, other: string): void => {
    const node = names.get(other)
    if (node !== undefined) of.set(at, [...(of.get(at) ?? []), node])
  }
  for (const { from, to } of graph.edges) {
    note(next, from, to)
    note(previous, to, from)
  }
  const rows = graph.nodes
    .filter(({ name }) => name.toLowerCase().includes(search))
    .sort((a, b) => a.name.localeCompare(b.name))
  if (rows.length === 0) return <Empty title="Nothing has that name" />
  return (
    <Card pad={false}>
      <SimpleTable
        label="Lineage"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          { id: 'name', header: 'Name', cell: (node) => <NodeLink node={node} /> },
          {
            id: 'figures',
            header: 'Last day',
            cell: (node) => <Badge tone={nodeTone(node) satisfies Tone}>{nodeNote(node)}</Badge>,
          },
          {
            id: 'from',
            header: 'Reads',
            cell: ({ id }) => <NodeLinks nodes={previous.get(id) ?? []} />,
          },
          {
            id: 'to',
            header: 'Feeds',
            cell: ({ id }) => <NodeLinks nodes={next.get(id) ?? []} />,
          },
        ]}
      />
    </Card>
  )
}

function NodeLink({ node }: { node: LineageNode }) {
  return (
    <div className="min-w-32">
      {node.path === undefined ? (
        <span className="font-medium">{node.name}</span>
      ) : (
        <PlaceLink to={node.path}>{node.name}</PlaceLink>
      )}
      <p className="text-xs text-muted">{KINDS[node.kind]}</p>
    </div>
  )
}

function NodeLinks({ nodes }: { nodes: readonly LineageNode[] }) {
  return (
    <ul>
      {nodes.map(({ id, name, path }) => (
        <li key={id}>{path === undefined ? name : <PlaceLink to={path}>{name}</PlaceLink>}</li>
      ))}
    </ul>
  )
}
