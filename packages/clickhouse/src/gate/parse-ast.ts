// Reads the text of EXPLAIN AST into a tree. The text is not made to be read back: names are printed raw. So whatever does
// not add up (an indent that jumps, a child too many or too few) gives null, and the gate refuses the query.

/** One node: `Function sum (alias s) (children 1)` has kind `Function` and name `sum`. */
export interface AstNode {
  readonly kind: string
  /** What follows the kind, without alias and children count; '' when nothing does. */
  readonly name: string
  /** The name it was given by AS, or null. */
  readonly alias: string | null
  readonly children: readonly AstNode[]
}

/** Nodes of one query; the engine's own max_ast_elements is far below. */
const NODES_MAX = 200_000

interface Open {
  readonly node: { kind: string; name: string; alias: string | null; children: AstNode[] }
  readonly promised: number
}

/**
 * Parses what `EXPLAIN AST` prints (format TSVRaw). Null when it is not exactly one tree whose children counts are true.
 * Source: output of ClickHouse 26.7, every node kind tried.
 */
export function parseAst(text: string): AstNode | null {
  const lines = text.split('\n')
  while (lines.length > 0 && lines[lines.length - 1] === '') lines.pop()
  if (lines.length === 0 || lines.length > NODES_MAX) return null
  const path: Open[] = []
  let root: AstNode | null = null
  for (const line of lines) {
    const depth = line.length - line.trimStart().length
    const node = readLine(line.slice(depth))
    if (node === null || depth > path.length || (depth === 0 && root !== null)) return null
    if (!closeTo(path, depth)) return null
    if (depth === 0) root = node.node
    else path[depth - 1]?.node.children.push(node.node)
    path.push(node)
  }
  return closeTo(path, 0) ? root : null
}

/** Takes nodes off the path until `depth` are left; false when one of them has not the children it promised. */
function closeTo(path: Open[], depth: number): boolean {
  while (path.length > depth) {
    const closed = path.pop()
    if (closed !== undefined && closed.node.children.length !== closed.promised) return false
  }
  return true
}

const KIND = /^[A-Za-z]+(?:::[A-Za-z]+)?/
const CHILDREN = / \(children (\d{1,9})\)$/

function readLine(line: string): Open | null {
  const kind = KIND.exec(line)?.[0]
  if (kind === undefined) return null
  const children = CHILDREN.exec(line)
  const rest = line.slice(kind.length, children === null ? line.length : children.index)
  if (rest !== '' && !rest.startsWith(' ')) return null
  // A string literal may hold that text itself; its whole line is kept.
  const alias = rest.startsWith(" '") ? -1 : rest.indexOf(' (alias ')
  const name = (alias < 0 ? rest : rest.slice(0, alias)).slice(1)
  const given = alias < 0 ? null : rest.slice(alias + ' (alias '.length).replace(/\)$/, '')
  return { node: { kind, name, alias: given, children: [] }, promised: Number(children?.[1] ?? 0) }
}
