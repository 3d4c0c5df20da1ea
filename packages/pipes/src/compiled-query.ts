// The frozen result of compilation: the only thing that is ever sent to the engine on behalf of a caller.

/** A table the query reads, as the engine will name it and as the user calls it. */
export interface ReadTable {
  readonly database: string
  readonly table: string
  readonly userName: string
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
  readonly cacheTtlSeconds: number | null
  /** Engine names to user names, to translate error texts back. */
  readonly userNames: ReadonlyMap<string, string>
}
