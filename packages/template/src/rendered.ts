// What the template language gives to the compiler. docs/specs/template-language.md.

/** Parameter values as the caller sent them: text, or a list for repeated keys, or any JSON value from a JSON body. */
export type ParamValues = Readonly<Record<string, unknown>>

/** A rendered node: SQL text plus what the template asked of the query around it. */
export interface Rendered {
  readonly sql: string
  /** Settings from max_threads() and friends. */
  readonly settings: Readonly<Record<string, string | number>>
  /** Seconds, from cache_ttl(); null when the template did not ask. */
  readonly cacheTtlSeconds: number | null
  /** Secrets as engine parameters: `{name: String}` in the text, value here (tb_secret). */
  readonly boundParams: Readonly<Record<string, string>>
  /** Steps the rendering took, of those it may take. */
  readonly steps: number
  /**
   * Where values stand in `sql` that are one plain literal each, in text order: with others of their kind in these places the SQL has the
   * same tokens. Empty when `shape` is null.
   */
  readonly literals: readonly { readonly start: number; readonly end: number }[]
  /** `sql` with each of `literals` replaced by its kind: equal for renderings that differ in those values only. Null when that cannot be said. */
  readonly shape: string | null
}

/** A parameter found in a template, for docs, OpenAPI and the SDK. */
export interface TemplateParam {
  readonly name: string
  /** `String`, `Int32`, `Array(String)`, `DateTime` ... */
  readonly type: string
  readonly required: boolean
  readonly default: unknown
  readonly description: string | null
  readonly enum: readonly unknown[] | null
  readonly example: unknown
  readonly format: string | null
  /** Where docs show it, from `order=`; null when the template does not say. The list itself is in the order of first use. */
  readonly order: number | null
  /** `function_call` for a parameter that only functions such as defined() or split_to_array() ask for. */
  readonly usedIn: 'function_call' | null
  /** It has no default, and is used only where defined() said that it was sent: so it need not be. */
  readonly onlyIfDefined: boolean
}
