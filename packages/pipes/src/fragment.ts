// SQL under construction: text, and between its pieces values that are one literal each. Kept apart to the end, so that the gate can
// know a statement again that differs in values only.
import type { HiddenColumn } from '@sandpiper/deployment'
import type { Replacement, StatementPart, TableReference } from '@sandpiper/sql'
import { quoteIdentifier, readCode } from '@sandpiper/sql'
import { fault } from '@sandpiper/faults'

import { allBut } from './named-columns.ts'

/** `texts[0] values[0] texts[1] ...`: one text more than values. */
export interface Fragment {
  readonly texts: readonly string[]
  readonly values: readonly string[]
  /** UTF-16 units of all of it. */
  readonly length: number
}

/** What a table becomes; as Replacement of the sql package, in pieces. */
export interface Source {
  readonly form: Replacement['form']
  readonly sql: Fragment
  readonly takesModifiers?: boolean
  /** Of a table: columns that are not to be seen. */
  readonly hides?: readonly HiddenColumn[]
  /** Also where the statement uses what only a table has, such as PREWHERE, and then fails. Default: it reads the table as it is. */
  readonly alwaysHides?: boolean
}

/** A fragment without values. */
export function plainSql(sql: string): Fragment {
  return { texts: [sql], values: [], length: sql.length }
}

/** The SQL of a fragment. */
export function sqlOf({ texts, values }: Fragment): string {
  let sql = texts[0] ?? ''
  for (const [index, value] of values.entries()) sql += value + (texts[index + 1] ?? '')
  return sql
}

/** Characters of one compiled SELECT: nodes that read a node twice double it, so growth needs an end. */
const LENGTH_MAX = 1_048_576

/**
 * Puts a statement together. A table without an alias gets `AS <its own name>`, so columns written as `events.id` still resolve;
 * `IN name` becomes `IN (SELECT * FROM ...)`.
 * @param resolve called once per table in text order; null leaves the table as it is written.
 * @throws fault `query.refused` for a result of more than 1_048_576 characters.
 */
export function assemble(
  parts: readonly StatementPart[],
  values: readonly string[],
  written: string,
  resolve: (reference: TableReference) => Source | null,
): Fragment {
  const builder = new Builder()
  let dropsModifiers = false
  for (const each of parts) {
    if (each.part === 'text') builder.text(each.text)
    else if (each.part === 'value') builder.value(values[each.index] ?? '')
    else if (each.part === 'modifiers') {
      if (dropsModifiers) builder.trimEnd()
      else builder.text(each.text)
    } else {
      const source = withoutHidden(resolve(each.reference), each.reference, written)
      dropsModifiers = source?.takesModifiers === true
      if (source === null) builder.text(written.slice(each.reference.start, each.reference.end))
      else addSource(builder, each.reference, source)
    }
  }
  return builder.done()
}

/** What a SELECT over a subquery could not say, and a `*` does not show. */
const OF_TABLES = /^(?:prewhere|_part\w*|_sample_factor|_block_\w+|_row_\w+|_disk_name)$/i

/** By its words alone: a value or a comment says nothing, and what is found out of one text holds for others of its shape. */
function speaksOfTables(written: string): boolean {
  return readCode(written).tokens.some(({ kind, text }) => kind === 'word' && OF_TABLES.test(text))
}

/** A table of which a `*` shows too much is read through a subquery that does not have it. */
function withoutHidden(
  source: Source | null,
  { modifiers }: TableReference,
  written: string,
): Source | null {
  if (source?.hides === undefined || source.hides.length === 0) return source
  if (source.alwaysHides !== true && speaksOfTables(written)) return source
  const final = modifiers === null ? '' : ` ${modifiers.text}`
  const sql = `SELECT ${allBut(source.hides)} FROM ${sqlOf(source.sql)}${final}`
  return { form: 'subquery', sql: plainSql(sql), takesModifiers: true }
}

function addSource(builder: Builder, reference: TableReference, { form, sql }: Source): void {
  const { kind, name, alias } = reference
  if (kind === 'in') builder.text(form === 'table' ? '(SELECT * FROM ' : '(')
  else if (form === 'subquery') builder.text('(')
  builder.fragment(sql)
  if (kind === 'in' || form === 'subquery') builder.text(')')
  if (kind !== 'in' && alias === null) builder.text(` AS ${quoteIdentifier(name)}`)
}

class Builder {
  readonly #texts: string[] = ['']
  readonly #values: string[] = []
  #length = 0

  text(text: string): void {
    this.#grow(text.length)
    const last = this.#texts.length - 1
    this.#texts[last] = (this.#texts[last] ?? '') + text
  }

  value(value: string): void {
    this.#grow(value.length)
    this.#values.push(value)
    this.#texts.push('')
  }

  fragment({ texts, values }: Fragment): void {
    this.text(texts[0] ?? '')
    for (const [index, value] of values.entries()) {
      this.value(value)
      this.text(texts[index + 1] ?? '')
    }
  }

  trimEnd(): void {
    const last = this.#texts.length - 1
    const text = this.#texts[last] ?? ''
    this.#texts[last] = text.trimEnd()
    this.#length -= text.length - (this.#texts[last] ?? '').length
  }

  done(): Fragment {
    return { texts: this.#texts, values: this.#values, length: this.#length }
  }

  // Asked before each piece: a text that reads a long node many times must not be built first.
  #grow(by: number): void {
    this.#length += by
    if (this.#length <= LENGTH_MAX) return
    throw fault('query.refused', {
      public: `[Error] The compiled query is longer than ${LENGTH_MAX} characters: it reads the same nodes too many times.`,
    })
  }
}
