import type { DataSourceFile } from '@sandpiper/datafile'
import { findTables, replaceTables, statementKind, stripComments } from '@sandpiper/sql'

import { identifierList } from './sql-fragments.ts'

/** A FORWARD_QUERY that cannot be used, said in the words of its author. */
export class ForwardQueryError extends Error {
  override readonly name = 'ForwardQueryError'
}

/**
 * The SELECT that carries rows from the live table to its next generation. A bare list of expressions, a SELECT without FROM and
 * a full SELECT over the data source's own name are the same thing. Without a FORWARD_QUERY: the columns both have, with the
 * same type, as they are.
 * @param liveTable quoted engine name. @throws ForwardQueryError when it reads anything but the data source itself.
 */
export function forwardSelect(
  live: DataSourceFile,
  next: DataSourceFile,
  liveTable: string,
  use: 'query' | 'columns',
): string {
  const query = use === 'query' ? next.forwardQuery : null
  if (query === null) return `SELECT ${identifierList(commonColumns(live, next))} FROM ${liveTable}`
  const text = stripComments(query).trim()
  const select = statementKind(text) === 'select' ? text : `SELECT ${text}`
  if (findTables(select).functions.length > 0)
    throw new ForwardQueryError('FORWARD_QUERY may not use table functions')
  if (findTables(select).references.length === 0) return `${select} FROM ${liveTable}`
  return replaceTables(select, (reference) => {
    if (reference.database === null && reference.name === next.name)
      return { form: 'table', sql: liveTable }
    if (reference.kind === 'in') return null
    throw new ForwardQueryError(`FORWARD_QUERY may read only ${next.name}, not ${reference.name}`)
  })
}

/** Columns that both versions have with the same type, in the order of the new one. */
export function commonColumns(live: DataSourceFile, next: DataSourceFile): string[] {
  const types = new Map(live.columns.map((each) => [each.name, each.type]))
  return next.columns.filter((each) => types.get(each.name) === each.type).map((each) => each.name)
}
