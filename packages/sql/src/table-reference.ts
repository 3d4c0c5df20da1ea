// What findTables reports. All positions are UTF-16 offsets into the text that was read.

/**
 * One place where a statement reads a table by name.
 * `table`: after FROM, JOIN or a comma. `in`: the right side of IN (a column or alias may be meant: the engine looks for those
 * first). `parameter`: `{x:Identifier}` in such a place; `name` is the parameter's text and nothing can be known about it.
 */
export interface TableReference {
  readonly kind: 'table' | 'in' | 'parameter'
  /** What stands before the last dot, decoded; null for a plain name. */
  readonly database: string | null
  /** Decoded name. */
  readonly name: string
  readonly start: number
  /** For `in` the brackets around the name belong to the range. */
  readonly end: number
  /** Decoded alias, or null. */
  readonly alias: string | null
  /** FINAL and SAMPLE as written behind the table (and its alias), or null. */
  readonly modifiers: { readonly text: string; readonly start: number; readonly end: number } | null
}

/** A table function in the place of a table, arguments included in the range. */
export interface TableFunction {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** Everything a statement reads from, in the order of the text; names of CTEs in scope are left out. */
export interface FoundTables {
  readonly references: readonly TableReference[]
  readonly functions: readonly TableFunction[]
}
