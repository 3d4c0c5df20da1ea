// The frozen result of compilation: the only thing that is ever sent to the engine on behalf of a caller.

/** A table the query reads, as the engine will name it and as the user calls it. */
export interface ReadTable {
  readonly database: string
  readonly table: string
  readonly userName: string
}

/** The SQL of a node of the pipe that was asked for, as its author wrote it. */
export interface SourceText {
  readonly node: string
  readonly sql: string
}

/** A filter around a table: a name in it that is no column would be looked for in the caller's own SQL. */
export interface Barrier {
  readonly condition: string
  readonly columns: readonly string[]
}

/** One SELECT and everything that goes to the engine with it. */
export interface CompiledQuery {
  /** Exactly one SELECT over engine names; no FORMAT, no SETTINGS of the caller. */
  readonly sql: string
  /**
   * The same, cut at values that are one literal each: `texts[0] values[0] texts[1] ...`. Lets the gate know a statement again by its
   * texts; it believes nothing of it that it cannot see itself.
   */
  readonly skeleton?: { readonly texts: readonly string[]; readonly values: readonly string[] }
  /** Engine parameters (`param_*`). */
  readonly params: Readonly<Record<string, string>>
  readonly settings: Readonly<Record<string, string | number>>
  /** Every table in `sql`. The gate must find exactly these on the engine's own AST, else refuse. */
  readonly tables: readonly ReadTable[]
  /** Filters of the caller's token in `sql`: the gate looks that each names columns of its table only. */
  readonly barriers?: readonly Barrier[]
  readonly cacheTtlSeconds: number | null
  /** Nodes of the pipe that was asked for, those that are read first: where errors are looked for. None for free SQL. */
  readonly sources?: readonly SourceText[]
  /** Engine names to user names, to translate error texts back. */
  readonly userNames: ReadonlyMap<string, string>
}
