// What `* APPLY(...)` calls: the one thing of a SELECT that the engine's tree does not show, so it is read from the text and judged as
// an expression of its own. Whoever asks compares the count with the tree's: a place that only one of the two sees is refused.
import { decodeToken, type Code } from '@sandpiper/sql'

/** One APPLY: the function it names (null for a lambda) and what stands in its brackets, as an expression. */
export interface Apply {
  readonly name: string | null
  readonly expression: string
}

/** Finds them all, columns called `apply` with what follows included. Null when one is written in a way that cannot be judged. */
export function findApplies(code: Code): Apply[] | null {
  const found: Apply[] = []
  for (const [index, token] of code.tokens.entries()) {
    if (token.kind !== 'word' || token.text.toUpperCase() !== 'APPLY') continue
    const apply =
      code.tokens[index + 1]?.text === '(' ? inBrackets(code, index + 1) : bare(code, index + 1)
    if (apply === null) return null
    found.push(apply)
  }
  return found
}

/** `APPLY(sum)`, `APPLY(quantile(0.9))`, `APPLY(x -> x + 1)`, each also with a prefix for the columns' names. */
function inBrackets(code: Code, open: number): Apply | null {
  const close = code.closes[open] ?? code.tokens.length
  const first = code.tokens[open + 1]
  const last = code.tokens[close - 1]
  if (first === undefined || last === undefined || close >= code.tokens.length || close <= open + 1)
    return null
  const isLambda = code.tokens[open + 2]?.text === '->' || first.text === '('
  const expression = code.sql.slice(first.start, last.end)
  if (isLambda) return { name: null, expression }
  const name = decodeToken(first)
  return name === null || first.kind === 'string' ? null : { name, expression }
}

/** `APPLY sum`, `APPLY quantile(0.9)`. A lambda without brackets has no end that could be seen. */
function bare(code: Code, at: number): Apply | null {
  const token = code.tokens[at]
  if (token?.kind !== 'word' && token?.kind !== 'identifier') return null
  const next = code.tokens[at + 1]?.text
  if (next === '->' || next === '.') return null
  const end = next === '(' ? (code.closes[at + 1] ?? code.tokens.length) : at
  const last = code.tokens[end]
  const name = decodeToken(token)
  return last === undefined || name === null
    ? null
    : { name, expression: code.sql.slice(token.start, last.end) }
}
