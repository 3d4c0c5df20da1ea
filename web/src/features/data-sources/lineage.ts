// What feeds a data source and what is made of it, step by step, out of `/v0/dependencies`.
export interface DependencyGraph {
  nodes: readonly { id: string; name: string; type: 'pipe' | 'datasource' }[]
  edges: readonly { from: string; to: string; type: 'reads' | 'fills' }[]
}

export interface LineageStep {
  name: string
  type: 'pipe' | 'datasource'
  /** Steps away, from 1. */
  distance: number
}

export interface Lineage {
  upstream: LineageStep[]
  downstream: LineageStep[]
}

export function lineageOf(graph: DependencyGraph, name: string): Lineage {
  const types = new Map(graph.nodes.map((node) => [node.name, node.type]))
  const walk = (next: (at: string) => readonly string[]): LineageStep[] => {
    const seen = new Set([name])
    const steps: LineageStep[] = []
    let edge: readonly string[] = [name]
    for (let distance = 1; edge.length > 0; distance += 1) {
      const found = [...new Set(edge.flatMap(next))].filter((each) => !seen.has(each))
      for (const each of found) {
        seen.add(each)
        steps.push({ name: each, type: types.get(each) ?? 'datasource', distance })
      }
      edge = found
    }
    return steps
  }
  return {
    upstream: walk((at) => graph.edges.filter(({ to }) => to === at).map(({ from }) => from)),
    downstream: walk((at) => graph.edges.filter(({ from }) => from === at).map(({ to }) => to)),
  }
}
