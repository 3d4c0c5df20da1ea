import { fault } from '@sandpiper/faults'
import {
  countStatements,
  cutStatement,
  findSqlError,
  readCode,
  splitTrailingFormat,
  statementKind,
  type StatementPart,
} from '@sandpiper/sql'
import type { Rendered } from '@sandpiper/template'

import { refuseParameters } from './secrets.ts'

/** One SELECT, cut at its tables, ready to be put into brackets; and the format it asked for. */
export interface Statement {
  /** As it was read: what positions of tables and values count in. */
  readonly text: string
  readonly parts: readonly StatementPart[]
  /** Whether values stand apart in `parts`. */
  readonly hasValues: boolean
  readonly linesBefore: number
  readonly format: string | null
}

/** Words, signs, blanks and comments of one text. It is read on the loop all requests share, so length alone is no bound. */
const TOKENS_MAX = 200_000

const PROBLEMS = {
  format: 'FORMAT is allowed only at the end of the query',
  outfile: 'INTO OUTFILE is not allowed',
  settings: 'SETTINGS is not allowed in queries',
} as const

/** What reading takes of a rendering; a text that was not rendered has no values. */
export type Readable = Pick<Rendered, 'sql' | 'literals'>

/** A text of a caller as it is. */
export function unrendered(sql: string): Readable {
  return { sql, literals: [] }
}

/**
 * Reads a text that must be exactly one SELECT: comments go (a trailing one would swallow a bracket), a trailing FORMAT is taken off.
 * Gives good errors early; the gate judges safety on the engine's own tree. Reads the text once.
 * @param bound the engine parameters a text of a caller may hold; default: any, as in nodes, whose authors may.
 * @throws fault `query.refused`; nothing was sent anywhere.
 */
export function readStatement(
  { sql, literals }: Readable,
  where: string,
  bound?: ReadonlyMap<string, string>,
): Statement {
  const code = readCode(sql, TOKENS_MAX)
  if (code.all.length > TOKENS_MAX)
    refuse(`The query has more than ${TOKENS_MAX} words and signs`, where)
  const error = findSqlError(code)
  if (error !== null) refuse(`Syntax error near '${error.near}' in line ${error.line}`, where)
  const count = countStatements(code)
  if (count === 0) refuse('The query is empty', where)
  if (count > 1) refuse('Only one statement is allowed', where)
  const { sql: kept, format, problem } = splitTrailingFormat(code)
  if (problem !== null) refuse(PROBLEMS[problem.kind], where)
  if (statementKind(code) !== 'select') refuse('Only SELECT queries are allowed', where)
  if (bound !== undefined) refuseParameters(code, bound)
  return { text: sql, ...cutStatement(code, kept.length, literals), format }
}

/** What stands in the places of values in a text now. */
export function valuesIn({ hasValues }: Statement, { sql, literals }: Readable): readonly string[] {
  return hasValues ? literals.map(({ start, end }) => sql.slice(start, end)) : []
}

function refuse(problem: string, where: string): never {
  throw fault('query.refused', {
    public: `[Error] ${problem}${where === '' ? '' : ` (${where})`}.`,
  })
}
