import { readCode, wordAt, type Code } from './code.ts'

/** What may follow WITH after a name that only looks like PARALLEL WITH. */
const WITH_MODIFIERS: ReadonlySet<string> = new Set(['TOTALS', 'ROLLUP', 'CUBE', 'FILL', 'TIES'])

/**
 * Counts the statements of a text; empty ones, trailing semicolons and comments count for nothing, so `''` has 0.
 * `a PARALLEL WITH b` counts as two. Errs high: inline INSERT data with bare semicolons counts as more. Look at
 * `findSqlError` too: in a text that cannot be read the count means nothing.
 */
export function countStatements(sql: string | Code): number {
  const code = readCode(sql)
  let count = 0
  let inStatement = false
  for (const [index, token] of code.tokens.entries()) {
    if (token.kind === 'semicolon' || isParallelWith(code, index)) inStatement = false
    else if (!inStatement) {
      inStatement = true
      count++
    }
  }
  return count
}

function isParallelWith(code: Code, index: number): boolean {
  return (
    wordAt(code, index) === 'PARALLEL' &&
    wordAt(code, index + 1) === 'WITH' &&
    !WITH_MODIFIERS.has(wordAt(code, index + 2))
  )
}
