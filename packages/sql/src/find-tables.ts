import { readCode, type Code } from './code.ts'
import { OUTERMOST, SelectWalk } from './select-walk.ts'
import type { FoundTables } from './table-reference.ts'

/**
 * Finds every place where a statement reads a table: FROM, joins of every kind, comma joins, subqueries, CTE bodies,
 * `IN name`, table functions. Names of CTEs in scope are no tables; a CTE that reads a table of its own name reads the table.
 * Never judges safety. Linear in the text.
 * @throws fault `query.refused` when brackets are nested more than 250 deep.
 */
export function findTables(sql: string | Code): FoundTables {
  const code = readCode(sql)
  const known = found.get(code)
  if (known !== undefined) return known
  const walk = new SelectWalk(code)
  walk.query(0, code.tokens.length, OUTERMOST)
  const tables = {
    references: walk.references.toSorted((one, other) => one.start - other.start),
    functions: walk.functions.toSorted((one, other) => one.start - other.start),
  }
  found.set(code, tables)
  return tables
}

/** For a text that was read once: it is asked about in several places. */
const found = new WeakMap<Code, FoundTables>()
