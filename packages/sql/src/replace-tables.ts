import { fault, type Fault } from '@sandpiper/faults'
import { findTables } from './find-tables.ts'
import { quoteIdentifier } from './quote.ts'
import type { TableReference } from './table-reference.ts'

/** What a reference becomes. */
export interface Replacement {
  /** `table`: an engine table, `sql` is its quoted name. `subquery`: `sql` is one SELECT without brackets and trailing comments. */
  readonly form: 'table' | 'subquery'
  readonly sql: string
  /** True when `sql` already holds the reference's FINAL and SAMPLE, so they are taken off the outside. */
  readonly takesModifiers?: boolean
}

const LENGTH_MAX = 1_048_576

/**
 * Replaces table references by engine tables or subqueries. A reference without an alias gets `AS <its own name>`, so columns
 * written as `events.id` still resolve; `IN name` becomes `IN (SELECT * FROM ...)`. Everything else keeps its bytes.
 * @param resolve called once per reference in text order; null leaves the reference as it is; what it throws passes through.
 * @param lengthMax UTF-16 units the result may have, default 1_048_576.
 * @throws fault `query.refused` as findTables, and for a longer result.
 */
export function replaceTables(
  sql: string,
  resolve: (reference: TableReference) => Replacement | null,
  lengthMax = LENGTH_MAX,
): string {
  let result = ''
  let position = 0
  for (const reference of findTables(sql).references) {
    const replacement = resolve(reference)
    if (replacement === null) continue
    // Asked before each append: a text that reads a long node many times must not be built first.
    if (result.length + replacement.sql.length > lengthMax) throw tooLong(lengthMax)
    result += sql.slice(position, reference.start) + replacementText(reference, replacement)
    position = reference.end
    if (replacement.takesModifiers === true && reference.modifiers !== null) {
      result += sql.slice(position, reference.modifiers.start).trimEnd()
      position = reference.modifiers.end
    }
  }
  return result + sql.slice(position)
}

function tooLong(lengthMax: number): Fault {
  return fault('query.refused', {
    public: `The compiled query is longer than ${lengthMax} characters: it reads the same nodes too many times.`,
  })
}

/** The text of a reference under its replacement, alias included. */
export function replacementText(reference: TableReference, { form, sql }: Replacement): string {
  if (reference.kind === 'in') return form === 'table' ? `(SELECT * FROM ${sql})` : `(${sql})`
  const source = form === 'table' ? sql : `(${sql})`
  return reference.alias === null ? `${source} AS ${quoteIdentifier(reference.name)}` : source
}
