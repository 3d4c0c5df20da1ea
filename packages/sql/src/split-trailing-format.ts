import { isText, readCode, wordAt, type Code } from './code.ts'

/** What a caller may not write in a query: the format elsewhere than at the end, the output file, the settings. */
export interface OutputProblem {
  readonly kind: 'format' | 'outfile' | 'settings'
  /** UTF-16 offset of the clause in the text given. */
  readonly at: number
}

/** A statement and the output format it asked for. */
export interface SplitFormat {
  /** The statement without trailing semicolons, trailing comments and the trailing FORMAT. */
  readonly sql: string
  /** Format name as written, or null. */
  readonly format: string | null
  /** The first clause that is refused, or null. */
  readonly problem: OutputProblem | null
}

/** Words and tokens after which FORMAT or SETTINGS is a column name. */
const OPERAND_EXPECTED: ReadonlySet<string> = new Set([
  'SELECT',
  'DISTINCT',
  'BY',
  'WHERE',
  'PREWHERE',
  'HAVING',
  'AND',
  'OR',
  'NOT',
  'AS',
  'ON',
  '',
])

/**
 * Takes a trailing `FORMAT X` off a statement and reports every other FORMAT, INTO OUTFILE and SETTINGS clause, in subqueries too.
 * For good errors and for choosing the output: the engine's own AST decides what is safe.
 */
export function splitTrailingFormat(text: string | Code): SplitFormat {
  const code = readCode(text)
  let end = code.tokens.length
  while (end > 0 && code.tokens[end - 1]?.kind === 'semicolon') end--
  const trailing = end >= 3 && isFormatClause(code, end - 2)
  const format = trailing ? (code.tokens[end - 1]?.text ?? null) : null
  if (trailing) end -= 2
  const cut = code.tokens[end - 1]?.end ?? 0
  const problem = findProblem(code, end)
  return { sql: code.sql.slice(0, cut), format, problem }
}

function findProblem(code: Code, end: number): OutputProblem | null {
  for (let index = 0; index < end; index++) {
    const at = code.tokens[index]?.start ?? 0
    switch (wordAt(code, index)) {
      case 'FORMAT':
        if (isFormatClause(code, index) && endsQuery(code, index + 2)) return { kind: 'format', at }
        break
      case 'INTO':
        if (wordAt(code, index + 1) === 'OUTFILE') return { kind: 'outfile', at }
        break
      case 'SETTINGS':
        if (isSettingsClause(code, index)) return { kind: 'settings', at }
        break
      default:
    }
  }
  return null
}

function isFormatClause(code: Code, index: number): boolean {
  return (
    wordAt(code, index) === 'FORMAT' &&
    code.tokens[index + 1]?.kind === 'word' &&
    !operandExpected(code, index)
  )
}

function endsQuery(code: Code, index: number): boolean {
  const token = code.tokens[index]
  return (
    token === undefined ||
    token.kind === 'close' ||
    token.kind === 'semicolon' ||
    wordAt(code, index) === 'SETTINGS'
  )
}

function isSettingsClause(code: Code, index: number): boolean {
  return (
    code.tokens[index + 1]?.kind === 'word' &&
    isText(code, index + 2, '=') &&
    !operandExpected(code, index)
  )
}

function operandExpected(code: Code, index: number): boolean {
  const before = code.tokens[index - 1]
  if (before === undefined) return true
  if (before.kind === 'operator') return before.text !== '*'
  if (before.kind === 'word') return OPERAND_EXPECTED.has(before.text.toUpperCase())
  return before.kind === 'comma' || before.kind === 'open' || before.kind === 'dot'
}
