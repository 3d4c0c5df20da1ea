// Keyword tables of ClickHouse's SELECT, as far as finding tables needs them. Upper case.
import { wordAt, type Code } from './code.ts'

/** Words that cannot be an alias without AS, so they end a table expression. */
export const NOT_AN_ALIAS: ReadonlySet<string> = new Set(
  (
    'ALL ANTI ANY ARRAY AS ASOF BETWEEN CROSS EXCEPT FETCH FINAL FORMAT FROM FULL GLOBAL GROUP HAVING ILIKE IN INNER INTERSECT ' +
    'INTO IS JOIN LEFT LIKE LIMIT LOCAL NATURAL NOT OFFSET ON ONLY OR AND ORDER PARALLEL PASTE PREWHERE QUALIFY RIGHT SAMPLE ' +
    'SELECT SEMI SETTINGS STREAM UNION USING WHERE WINDOW WITH'
  ).split(' '),
)

/** Words that end a FROM clause when an operator could stand there. */
export const CLAUSES: ReadonlySet<string> = new Set(
  'WHERE PREWHERE GROUP HAVING ORDER LIMIT OFFSET FETCH SETTINGS FORMAT UNION EXCEPT INTERSECT WINDOW QUALIFY SELECT INTO WITH PARALLEL'.split(
    ' ',
  ),
)

/** Words after which an operand follows, so a keyword there is a column name. */
const OPERAND_BEFORE: ReadonlySet<string> = new Set(
  'SELECT DISTINCT AS AND OR NOT ON BY WHERE PREWHERE HAVING QUALIFY LIKE ILIKE BETWEEN WHEN THEN ELSE CASE IS'.split(
    ' ',
  ),
)

const JOIN_KINDS: ReadonlySet<string> = new Set(
  'GLOBAL LOCAL ANY ALL ASOF SEMI ANTI ONLY INNER OUTER LEFT RIGHT FULL CROSS PASTE NATURAL ARRAY'.split(
    ' ',
  ),
)

/** Functions that are the same as the IN operator: their second argument may name a table. Lower case. */
export const IN_FUNCTIONS: ReadonlySet<string> = new Set(
  [
    'in',
    'nullin',
    'notin',
    'notnullin',
    'globalin',
    'globalnullin',
    'globalnotin',
    'globalnotnullin',
  ].flatMap((name) => [name, `${name}ignoreset`]),
)

/** True when the token before can't end an expression: what stands here is a name, whatever keyword it looks like. */
export function operandExpected(code: Code, index: number): boolean {
  const before = code.tokens[index - 1]
  if (before === undefined) return false
  if (before.kind === 'operator') return before.text !== '*'
  if (before.kind === 'word') {
    const isName = code.tokens[index - 2]?.kind === 'dot' || wordAt(code, index - 2) === 'AS'
    return !isName && OPERAND_BEFORE.has(before.text.toUpperCase())
  }
  return before.kind === 'open' || before.kind === 'dot'
}

/** True when IN at an index is the operator, as in `x NOT IN (...)`, and not the function `in(x, ...)`. */
export function isInOperator(code: Code, index: number): boolean {
  let left = index
  while (wordAt(code, left - 1) === 'NOT' || wordAt(code, left - 1) === 'GLOBAL') left--
  const before = code.tokens[left - 1]
  return before !== undefined && before.kind !== 'comma' && !operandExpected(code, left)
}

/** Reads `[kinds] JOIN` at an index: where it ends and whether it is an ARRAY JOIN; null when none is there. */
export function readJoin(
  code: Code,
  index: number,
): { readonly next: number; readonly isArray: boolean } | null {
  if (operandExpected(code, index)) return null
  let at = index
  let isArray = false
  for (; at < index + 6 && JOIN_KINDS.has(wordAt(code, at)); at++)
    isArray ||= wordAt(code, at) === 'ARRAY'
  return wordAt(code, at) === 'JOIN' ? { next: at + 1, isArray } : null
}
