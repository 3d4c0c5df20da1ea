import type { Expression } from './ast.ts'

/**
 * True when the text an expression gives can come from a name: then `{% raw %}` would put a caller's text into SQL. Tests of
 * conditional expressions do not count, their value is not emitted.
 */
export function givesNamedText(expression: Expression): boolean {
  const { node } = expression
  if (node === 'constant' || node === 'compare') return false
  if (node === 'conditional') return givesNamedText(expression.yes) || givesNamedText(expression.no)
  if (node === 'logic' || node === 'binary')
    return givesNamedText(expression.left) || givesNamedText(expression.right)
  return true
}
