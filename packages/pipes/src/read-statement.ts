import { fault } from '@sandpiper/faults'
import {
  countStatements,
  findSqlError,
  splitTrailingFormat,
  statementKind,
  stripComments,
  tokenize,
} from '@sandpiper/sql'

/** One SELECT, ready to be put into brackets, and the format it asked for. */
export interface Statement {
  readonly sql: string
  readonly format: string | null
}

/** Words, signs, blanks and comments of one text. It is read several times on the loop all requests share, so length alone is no bound. */
const TOKENS_MAX = 200_000

const PROBLEMS = {
  format: 'FORMAT is allowed only at the end of the query',
  outfile: 'INTO OUTFILE is not allowed',
  settings: 'SETTINGS is not allowed in queries',
} as const

/**
 * Reads a text that must be exactly one SELECT: comments go (a trailing one would swallow a bracket), a trailing FORMAT is taken off.
 * Gives good errors early; the gate judges safety on the engine's own tree.
 * @throws fault `query.refused`; nothing was sent anywhere.
 */
export function readStatement(text: string, where: string): Statement {
  if (tokenize(text, TOKENS_MAX).length > TOKENS_MAX)
    refuse(`The query has more than ${TOKENS_MAX} words and signs`, where)
  const error = findSqlError(text)
  if (error !== null) refuse(`Syntax error near '${error.near}' in line ${error.line}`, where)
  const count = countStatements(text)
  if (count === 0) refuse('The query is empty', where)
  if (count > 1) refuse('Only one statement is allowed', where)
  const { sql, format, problem } = splitTrailingFormat(text)
  if (problem !== null) refuse(PROBLEMS[problem.kind], where)
  if (statementKind(sql) !== 'select') refuse('Only SELECT queries are allowed', where)
  return { sql: stripComments(sql).trim(), format }
}

function refuse(problem: string, where: string): never {
  throw fault('query.refused', {
    public: `[Error] ${problem}${where === '' ? '' : ` (${where})`}.`,
  })
}
