import type { PipeFile } from '@sandpiper/datafile'
import type { DeploymentMap } from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'

import { dependenciesOf } from './dependencies.ts'

/** One data source or pipe and what stands behind it. */
export interface GraphNode {
  readonly id: string
  readonly name: string
  readonly kind: 'datasource' | 'pipe'
  /** Names a pipe reads, as written (`events`, `events_quarantine`, `tinybird.x`); of a data source none. */
  readonly reads: readonly string[]
  /** The data source a materialized or copy pipe fills; else null. */
  readonly fills: string | null
}

const graphs = new WeakMap<DeploymentMap, ReadonlyMap<string, GraphNode>>()

/**
 * What reads what in one deployment, by name. A name that is both a data source and a pipe stands for the data source, as in SQL. A pipe
 * whose template cannot be read reads nothing. Remembered for as long as the map lives.
 */
export function dependencyGraph(map: DeploymentMap): ReadonlyMap<string, GraphNode> {
  const known = graphs.get(map)
  if (known !== undefined) return known
  const graph = new Map<string, GraphNode>()
  for (const [name, { id, file }] of Object.entries(map.pipes))
    graph.set(name, { id, name, kind: 'pipe', reads: readsOf(file), fills: fillsOf(file) })
  for (const [name, { id }] of Object.entries(map.dataSources))
    graph.set(name, { id, name, kind: 'datasource', reads: [], fills: null })
  graphs.set(map, graph)
  return graph
}

function readsOf(file: PipeFile): readonly string[] {
  try {
    return dependenciesOf(file)
  } catch (err) {
    if (err instanceof Fault) return []
    throw err
  }
}

function fillsOf({ nodes }: PipeFile): string | null {
  const node = nodes.find(({ type }) => type === 'materialized' || type === 'copy')
  return node?.settings['DATASOURCE'] ?? node?.settings['TARGET_DATASOURCE'] ?? null
}

/** Names that can be reached from some, themselves included. @param next what one name leads to. */
export function reachable(
  names: readonly string[],
  next: (name: string) => readonly string[],
): ReadonlySet<string> {
  const seen = new Set(names)
  for (const name of seen) for (const each of next(name)) seen.add(each)
  return seen
}
