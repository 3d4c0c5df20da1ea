import { findPipe, type DeployedPipe } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'

import { barred } from './barrier.ts'
import { finishCompilation, startCompilation } from './compilation.ts'
import type { CompiledQuery } from './compiled-query.ts'
import type { CompileScope } from './compile-scope.ts'
import { compileNode } from './compile-node.ts'
import { endpointNode } from './endpoint-node.ts'
import { assemble } from './fragment.ts'
import { readStatement, unrendered } from './read-statement.ts'
import { NO_SECRETS } from './secrets.ts'

/**
 * Compiles a pipe's endpoint, or one of its nodes by name, into one SELECT. The caller has been allowed to read the pipe already.
 * @throws fault `resource.missing` (no such pipe, node or endpoint) | `query.failed` | `query.refused` | `template.error`.
 */
export function compilePipe(
  scope: CompileScope,
  input: { readonly pipe: string; readonly node?: string },
): CompiledQuery {
  const pipe = requirePipe(scope, input.pipe)
  const compilation = startCompilation(scope)
  const sql = compileNode(compilation, pipe, nodeIndex(pipe, input.node), [pipe.file.name])
  return finishCompilation(compilation, sql)
}

/**
 * Compiles `q=`: the caller's SQL over an endpoint's result, called `_` or by the pipe's name. It can read nothing else.
 * @throws as compilePipe, and fault `query.refused` for any other table | UndescribedResults (CompileScope.columnsOf).
 */
export function compileOver(
  scope: CompileScope,
  input: { readonly pipe: string; readonly q: string },
): CompiledQuery & { readonly format: string | null } {
  const pipe = requirePipe(scope, input.pipe)
  const compilation = startCompilation(scope)
  const inner = barred(compilation, pipe.id, (own) =>
    compileNode(own, pipe, nodeIndex(pipe, undefined), [pipe.file.name]),
  )
  const { parts, text, format } = readStatement(unrendered(input.q), 'q', NO_SECRETS)
  const over = assemble(parts, [], text, ({ name, database, kind }) => {
    if (database === null && (name === '_' || name === pipe.file.name)) {
      return { form: 'subquery', sql: inner }
    }
    // A qualified name after IN could only be a table of another database.
    if (kind === 'in' && database === null) return null
    throw fault('query.refused', {
      public: `[Error] Resource '${name}' cannot be read here: q reads the endpoint's result, as '_' or '${pipe.file.name}'.`,
    })
  })
  return { ...finishCompilation(compilation, over), format }
}

function requirePipe(scope: CompileScope, name: string): DeployedPipe {
  const pipe = findPipe(scope.map, name)
  if (pipe !== undefined) return pipe
  throw fault('resource.missing', { public: `The pipe '${name}' does not exist` })
}

function nodeIndex(pipe: DeployedPipe, node: string | undefined): number {
  if (node === undefined) {
    const index = endpointNode(pipe.file)
    if (index !== -1) return index
    throw fault('resource.missing', {
      public: `The pipe '${pipe.file.name}' does not have an endpoint yet`,
    })
  }
  const index = pipe.file.nodes.findIndex(({ name }) => name === node)
  if (index !== -1) return index
  throw fault('resource.missing', {
    public: `The pipe '${pipe.file.name}' does not have a node '${node}'`,
  })
}
