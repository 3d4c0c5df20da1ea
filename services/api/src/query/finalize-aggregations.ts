import type { CompiledQuery } from '@sandpiper/pipes'
import { quoteIdentifier } from '@sandpiper/sql'

import type { ResultColumn } from './inspect-query.ts'

/** Columns that hold the state of an aggregate; a SimpleAggregateFunction holds a value already. */
const STATE = /^AggregateFunction\(/

/** The same query with each state of an aggregate turned into its value; the very same when there is none. */
export function finalizeAggregations(
  compiled: CompiledQuery,
  columns: readonly ResultColumn[],
): CompiledQuery {
  if (!columns.some(({ type }) => STATE.test(type))) return compiled
  const list = columns.map(({ name, type }) => {
    const column = quoteIdentifier(name)
    return STATE.test(type) ? `finalizeAggregation(${column}) AS ${column}` : column
  })
  return { ...compiled, sql: `SELECT ${list.join(', ')} FROM (${compiled.sql}\n)` }
}
