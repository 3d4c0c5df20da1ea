import type { PipeFile, PipeNode } from '@sandpiper/datafile'
import { findTables } from '@sandpiper/sql'
import { isTemplate, renderTemplate } from '@sandpiper/template'

import { nodeTemplate } from './render-node.ts'

/**
 * The names a node reads, as written, without its own CTEs; rendered in test mode when it is a template. Both sides of a
 * condition cannot be seen in one rendering, so this is for graphs and ordering, never for safety.
 * @throws fault `template.error`.
 */
export function nodeDependencies(node: PipeNode): string[] {
  const sql = isTemplate(node.sql)
    ? renderTemplate(nodeTemplate(node), {}, { secrets: new Map(), testMode: true }).sql
    : node.sql
  const names = findTables(sql)
    .references.filter(({ kind }) => kind !== 'parameter')
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
