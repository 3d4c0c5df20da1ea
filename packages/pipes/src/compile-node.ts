// A node becomes one SELECT: its template rendered, each name it reads replaced by an engine table or by the text of another node.
import { assert } from '@sandpiper/assert'
import { findDataSource, findPipe, type DeployedPipe } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import type { TableReference } from '@sandpiper/sql'

import { quarantinedDataSource, type Compilation } from './compilation.ts'
import { outputNode } from './endpoint-node.ts'
import { assemble, type Fragment, type Source } from './fragment.ts'
import { nodeStatement } from './node-statement.ts'
import { readDataSource, readQuarantine } from './read-data-source.ts'
import { isService, serviceRows } from './service-data-source.ts'

/** Pipes that may read each other in one chain. */
const PIPE_DEPTH_MAX = 64

/**
 * Compiles node `index` of a pipe, under the pipe's own authority.
 * @param chain names of the pipes being compiled, outermost first, to refuse cycles.
 * @throws fault `query.failed` for unknown names and cycles | `query.refused` | `template.error`.
 */
export function compileNode(
  compilation: Compilation,
  pipe: DeployedPipe,
  index: number,
  chain: readonly string[],
): Fragment {
  const node = pipe.file.nodes[index]
  assert(node !== undefined, `pipe ${pipe.file.name} has no node ${index}`)
  const key = `${pipe.file.name}.${node.name}`
  const known = compilation.nodes.get(key)
  if (known !== undefined) return known
  const where = `node '${node.name}' of pipe '${pipe.file.name}'`
  const { statement, values } = nodeStatement(compilation, node, where)
  if (statement.format !== null) {
    throw fault('query.refused', { public: `[Error] FORMAT is not allowed (${where}).` })
  }
  const compiled = assemble(statement.parts, values, statement.text, (reference) =>
    resolveInNode(compilation, pipe, index, chain, reference, where),
  )
  compilation.nodes.set(key, compiled)
  // Of the pipe that was asked for only: what another pipe holds is not the caller's to see.
  if (chain[0] === pipe.file.name) compilation.sources.push({ node: node.name, sql: node.sql })
  return compiled
}

/** A pipe read by its name: its output node. Refuses cycles. */
export function compilePipeByName(
  compilation: Compilation,
  pipe: DeployedPipe,
  chain: readonly string[],
): Fragment {
  const { name } = pipe.file
  const path = [...chain, name]
  if (chain.includes(name) || chain.length >= PIPE_DEPTH_MAX) {
    throw fault('query.failed', {
      public: `Pipes read each other in a circle: ${path.join(' -> ')}`,
    })
  }
  return compileNode(compilation, pipe, outputNode(pipe.file), path)
}

function resolveInNode(
  compilation: Compilation,
  pipe: DeployedPipe,
  index: number,
  chain: readonly string[],
  reference: TableReference,
  where: string,
): Source | null {
  const { name, database, kind } = reference
  if (isService(reference)) return serviceRows(compilation, reference)
  if (database === null && kind !== 'parameter') {
    const earlier = pipe.file.nodes.findIndex((each, at) => at < index && each.name === name)
    if (earlier !== -1 || pipe.file.nodes[index]?.name === name) {
      refuseShadowing(compilation, pipe, name, where)
    }
    if (earlier !== -1) {
      return { form: 'subquery', sql: compileNode(compilation, pipe, earlier, chain) }
    }
    const resource = resolveResource(compilation, name, chain)
    if (resource !== null) return resource
    // `x IN name` may mean a column; the gate refuses it if the engine would take it for a table.
    if (kind === 'in') return null
  }
  throw unknownName(pipe, reference, where)
}

/** A data source, a quarantine or a pipe, with no question of rights; null when the name is none. */
function resolveResource(
  compilation: Compilation,
  name: string,
  chain: readonly string[],
): Source | null {
  const { map } = compilation.scope
  const dataSource = findDataSource(map, name)
  if (dataSource !== undefined) {
    return readDataSource(compilation, dataSource, name)
  }
  const pipe = findPipe(map, name)
  if (pipe !== undefined) {
    return { form: 'subquery', sql: compilePipeByName(compilation, pipe, chain) }
  }
  const quarantined = quarantinedDataSource(compilation.scope, name)
  if (quarantined === undefined) return null
  return readQuarantine(compilation, quarantined, name)
}

/** A node named like the data source or pipe that is read would silently change what the query means. */
function refuseShadowing(
  compilation: Compilation,
  pipe: DeployedPipe,
  name: string,
  where: string,
): void {
  const { map } = compilation.scope
  const isPipe = name !== pipe.file.name && findPipe(map, name) !== undefined
  if (!isPipe && findDataSource(map, name) === undefined) return
  throw fault('query.failed', {
    public: `[Error] '${name}' is both a node of pipe '${pipe.file.name}' and a ${isPipe ? 'pipe' : 'data source'} (${where}). Rename the node.`,
  })
}

function unknownName(pipe: DeployedPipe, reference: TableReference, where: string) {
  const written =
    reference.database === null ? reference.name : `${reference.database}.${reference.name}`
  const later = pipe.file.nodes.some(({ name }) => name === reference.name)
  const hint = later
    ? 'A node can only read nodes that stand before it.'
    : 'Check that the data source, pipe or node exists and is spelled so.'
  return fault('query.failed', {
    public: `[Error] Resource '${written}' not found (${where}). ${hint}`,
  })
}
