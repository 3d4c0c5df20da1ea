import { readCode, wordAt, type Code } from './code.ts'

/**
 * The kind of the first statement: `select` for SELECT, WITH, FROM-first and parenthesised queries, else its first word in
 * lower case (`insert`, `explain`, `drop` ...), or '' for an empty text. A hint for good error texts, not a safety check.
 */
export function statementKind(sql: string | Code): string {
  const code = readCode(sql)
  let index = 0
  while (code.tokens[index]?.text === '(') index++
  const word = wordAt(code, index)
  return word === 'WITH' || word === 'FROM' ? 'select' : word.toLowerCase()
}
