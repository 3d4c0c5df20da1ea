// Nodes that are not deployed. They have no authority of their own: each of them is SQL of the caller, like that of /v0/sql.
import { findDataSource, findPipe } from '@sandpiper/deployment'
import { Fault, fault } from '@sandpiper/faults'
import { findSqlError, type TableReference } from '@sandpiper/sql'
import { isTemplate } from '@sandpiper/template'

import { finishCompilation, startCompilation, type Compilation } from './compilation.ts'
import type { CompiledQuery } from './compiled-query.ts'
import type { CompileScope } from './compile-scope.ts'
import { renderSql, resolveForCaller } from './compile-sql.ts'
import { assemble, type Fragment, type Source } from './fragment.ts'
import { readStatement, unrendered, valuesIn } from './read-statement.ts'
import { lineNamed } from './user-fault.ts'

/** A node as it stands in an editor. */
export interface DraftNode {
  readonly name: string
  readonly sql: string
}

/**
 * Compiles one of several nodes that nobody has deployed, with those before it that it reads, into one SELECT over what the caller may
 * read. A failure says the node and the line that it is about.
 * @throws fault `resource.missing` when no node has that name; else as compileSql.
 */
export function compileDraft(
  scope: CompileScope,
  input: { readonly nodes: readonly DraftNode[]; readonly node: string },
): CompiledQuery {
  const index = input.nodes.findIndex(({ name }) => name === input.node)
  if (index < 0)
    throw fault('resource.missing', {
      public: `There is no node '${input.node.slice(0, 300)}' among those that were sent.`,
    })
  const compilation = startCompilation(scope)
  return finishCompilation(compilation, compileDraftNode(compilation, input.nodes, index))
}

function compileDraftNode(
  compilation: Compilation,
  nodes: readonly DraftNode[],
  index: number,
): Fragment {
  const node = nodes[index]
  if (node === undefined) throw new RangeError(`no node ${index}`)
  // No pipe has an empty name.
  const key = `.${node.name}`
  const known = compilation.nodes.get(key)
  if (known !== undefined) return known
  const compiled = placed(nodes, node, () => {
    const readable = isTemplate(node.sql)
      ? renderSql(compilation, node.sql, node.name)
      : unrendered(node.sql)
    const where = `node '${node.name}'`
    const statement = readStatement(readable, where, new Map(compilation.params))
    if (statement.format !== null)
      throw fault('query.refused', { public: `[Error] FORMAT is not allowed (${where}).` })
    return assemble(
      statement.parts,
      valuesIn(statement, readable),
      statement.text,
      (reference) =>
        earlierNode(compilation, nodes, index, reference) ??
        resolveForCaller(compilation, reference),
    )
  })
  compilation.nodes.set(key, compiled)
  compilation.sources.push({ node: node.name, sql: node.sql })
  return compiled
}

function earlierNode(
  compilation: Compilation,
  nodes: readonly DraftNode[],
  index: number,
  { name, database, kind }: TableReference,
): Source | null {
  if (database !== null || kind === 'parameter') return null
  const at = nodes.findIndex((node) => node.name === name)
  if (at < 0) return null
  if (isTaken(compilation.scope, name)) {
    throw fault('query.failed', {
      public: `[Error] '${name}' is both a node and a data source or pipe. Rename the node.`,
    })
  }
  if (at < index) return { form: 'subquery', sql: compileDraftNode(compilation, nodes, at) }
  if (kind === 'in') return null
  throw fault('query.failed', {
    public: `[Error] Resource '${name}' not found. A node can only read nodes that stand before it.`,
  })
}

/** As a deployment would refuse it; to those who may not know what there is, a node is only a node. */
function isTaken({ map, authority }: CompileScope, name: string): boolean {
  if (!authority.seesNames) return false
  return findDataSource(map, name) !== undefined || findPipe(map, name) !== undefined
}

/** Faults of a node with its name and the line of its SQL, unless they name a place in these nodes already. */
function placed<Result>(
  nodes: readonly DraftNode[],
  { name, sql }: DraftNode,
  work: () => Result,
): Result {
  try {
    return work()
  } catch (err) {
    if (!(err instanceof Fault)) throw err
    const place = err.details.place
    if (place !== undefined && nodes.some((each) => each.name === place.node)) throw err
    const line = findSqlError(sql)?.line ?? lineNamed(err.details.public, sql) ?? 1
    throw fault(err.code, { ...err.details, place: { node: name, line }, cause: err })
  }
}
