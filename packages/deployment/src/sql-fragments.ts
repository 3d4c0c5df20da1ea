// Text of a project that goes into DDL as it is: expressions, keys, codecs. Nothing of it may end the clause it stands in;
// what it computes is judged by the gate, which the executor asks.
import { findSqlError, quoteIdentifier, stripComments, tokenize } from '@sandpiper/sql'

/** An expression of a project and where it comes from. `gated`: it computes, so the gate must allow what it calls. */
export interface Fragment {
  /** `DEFAULT of column a`, `ENGINE_TTL`. */
  readonly origin: string
  readonly sql: string
  readonly gated: boolean
}

/** Why a fragment cannot be put into a statement; null when it can: closed quotes and brackets, no semicolon, not empty. */
export function fragmentProblem(sql: string): string | null {
  const error = findSqlError(sql)
  if (error !== null) return `cannot be read near '${error.near}'`
  let depth = 0
  let empty = true
  for (const { kind } of tokenize(sql)) {
    if (kind === 'open') depth++
    if (kind === 'close') depth--
    if (kind === 'semicolon') return "holds a ';'"
    if (depth < 0) return 'closes a bracket that is not open'
    if (kind !== 'comment' && kind !== 'whitespace') empty = false
  }
  if (empty) return 'is empty'
  return depth === 0 ? null : 'leaves a bracket open'
}

/** The fragment as it goes into a statement. */
export function spliced(sql: string): string {
  return stripComments(sql).trim()
}

/** `a, b` for names. */
export function identifierList(names: readonly string[]): string {
  return names.map(quoteIdentifier).join(', ')
}
