// The filter of a token stands in a subquery of its own, and the engine looks for a name it does not find there among the names of the
// statement around it: `WITH 'acme' AS org` would answer for a column `org` that the table has no more.
import type { AstNode } from './parse-ast.ts'

/**
 * The first name in the tree of a condition that is no column, or null when all are. Names of a lambda's arguments count inside it.
 * @param columns names of the table's columns; `a.b` is also held by a column `a`.
 */
export function nameOutside(root: AstNode, columns: ReadonlySet<string>): string | null {
  if (root.kind === 'Identifier') return isColumn(root.name, columns) ? null : root.name
  // The engine's own depth limit bounds this recursion.
  const known =
    root.kind === 'Function' && root.name === 'lambda' ? withArguments(root, columns) : columns
  for (const child of root.children) {
    const outside = nameOutside(child, known)
    if (outside !== null) return outside
  }
  return null
}

function isColumn(name: string, columns: ReadonlySet<string>): boolean {
  if (columns.has(name)) return true
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
    if (columns.has(name.slice(0, dot))) return true
  return false
}

function withArguments(lambda: AstNode, columns: ReadonlySet<string>): ReadonlySet<string> {
  const names = lambda.children[0]?.children[0]?.children[0]?.children ?? []
  return new Set([...columns, ...names.map(({ name }) => name)])
}
