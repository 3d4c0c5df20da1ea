import type { PipeFile, PipeNode } from '@sandpiper/datafile'
import { findTables } from '@sandpiper/sql'
import { isTemplate, renderBranches, type SharedSteps } from '@sandpiper/template'

import { nodeTemplate } from './render-node.ts'

/**
 * The names a node reads, as written, without its own CTEs: in any branch of its template. Names made from parameters cannot be
 * seen, so this is for graphs and ordering, never for safety.
 * @param budget of renderings; default as renderBranches().
 * @throws fault `template.error` for a template that cannot be parsed.
 */
export function nodeDependencies(node: PipeNode, budget?: SharedSteps): string[] {
  const known = found.get(node) ?? namesReadBy(node, budget)
  found.set(node, known)
  return [...known]
}

/** For as long as the map a node stands in lives, as with parsed templates. */
const found = new WeakMap<PipeNode, readonly string[]>()

function namesReadBy(node: PipeNode, budget?: SharedSteps): readonly string[] {
  const texts = isTemplate(node.sql) ? renderBranches(nodeTemplate(node), budget) : [node.sql]
  const names = texts
    .flatMap((sql) => findTables(sql).references)
    .filter(({ kind }) => kind !== 'parameter')
    .map(({ database, name }) => (database === null ? name : `${database}.${name}`))
  return [...new Set(names)]
}

/** The names a pipe reads from outside itself: data sources, pipes, or names of nothing. @throws fault `template.error`. */
export function dependenciesOf(pipe: PipeFile): string[] {
  const names = new Set<string>()
  pipe.nodes.forEach((node, index) => {
    const earlier = new Set(pipe.nodes.slice(0, index).map((each) => each.name))
    for (const name of nodeDependencies(node)) {
      if (!earlier.has(name)) names.add(name)
    }
  })
  return [...names]
}
